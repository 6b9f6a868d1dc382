using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Backends;

/// <summary>Writes and reads the access tokens of the JWT backend. Its key is new at each start.</summary>
internal sealed class JwtIssuer(TimeSpan lifetime)
{
    public const string SessionId = "sid";

    private const string Name = "https://jwt.example.com";

    public TimeSpan Lifetime => lifetime;

    public TokenValidationParameters Validation { get; } =
        new()
        {
            ValidIssuer = Name,
            ValidAudience = Name,
            IssuerSigningKey = new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)),
            ClockSkew = TimeSpan.Zero,
        };

    public string Write(IEnumerable<Claim> claims) =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = Name,
                Audience = Name,
                Subject = new ClaimsIdentity(claims),
                Expires = DateTime.UtcNow + lifetime,
                SigningCredentials = new(Validation.IssuerSigningKey, SecurityAlgorithms.HmacSha256),
            }
        );

    /// <summary>The session of a token that this issuer signed, expired or not; null for any other text.</summary>
    public async Task<string?> ReadSessionIdAsync(string? accessToken)
    {
        var validation = Validation.Clone();
        validation.ValidateLifetime = false;
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(accessToken, validation);
        return result.IsValid ? result.ClaimsIdentity.FindFirst(SessionId)?.Value : null;
    }
}
