using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Issues and validates JWTs (HS256). Each instance has its own random key.</summary>
internal sealed class DemoAccessTokens(TimeProvider time)
{
    private static readonly string Header = Encode("""{"alg":"HS256","typ":"JWT"}"""u8);

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    public string Issue(DemoUser user, TimeSpan lifetime, int padding)
    {
        var now = time.GetUtcNow();
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                sub = user.Email,
                email = user.Email,
                role = user.Role,
                iat = now.ToUnixTimeMilliseconds() / 1000.0,
                exp = (now + lifetime).ToUnixTimeMilliseconds() / 1000.0,
                jti = Guid.NewGuid(),
                padding = new string('p', padding * 3 / 4),
            }
        );
        var content = Header + "." + Encode(claims);
        return content + "." + Sign(content);
    }

    public (string? Email, DemoError? Error) Judge(string? accessToken)
    {
        if (string.IsNullOrEmpty(accessToken) || accessToken.Split('.') is not [var header, var claims, var signature])
        {
            return (null, DemoError.AccessTokenMissing);
        }

        if (signature != Sign(header + "." + claims))
        {
            return (null, DemoError.AccessTokenInvalid);
        }

        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(claims));
        var expiresAt = DateTimeOffset.UnixEpoch.AddSeconds(json.RootElement.GetProperty("exp").GetDouble());
        return time.GetUtcNow() < expiresAt
            ? (json.RootElement.GetProperty("sub").GetString(), null)
            : (null, DemoError.AccessTokenExpired);
    }

    private string Sign(string content) => Encode(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(content)));

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
