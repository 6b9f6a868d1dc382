using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

namespace TokenSessionSite.Session;

/// <summary>
/// The claims of an access token that is a JWT (RFC 7519). The signature is not verified: this site received the token from the backend
/// itself, and the backend verifies it at each call. An opaque token has no claims.
/// </summary>
public sealed class JwtPayload
{
    private static readonly JwtPayload Opaque = new(default);

    private readonly JsonElement claims;

    private JwtPayload(JsonElement claims) => this.claims = claims;

    public DateTimeOffset? IssuedAt => Time("iat");

    public DateTimeOffset? ExpiresAt => Time("exp");

    /// <summary>The user of the token: <c>sub</c>, one of the two names that .NET writes in its place, or <c>id</c> of Directus.</summary>
    public string? Subject => Text("sub", ClaimTypes.NameIdentifier, "nameid", "id");

    public static JwtPayload Read(string accessToken)
    {
        var parts = accessToken.Split('.');
        try
        {
            return parts.Length is 3 ? new(JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]))) : Opaque;
        }
        catch (Exception notAJwt) when (notAJwt is FormatException or JsonException)
        {
            return Opaque;
        }
    }

    /// <summary>Returns the first of these claims that is a text or a whole number, and not empty; null: none is.</summary>
    public string? Text(params IEnumerable<string> names) =>
        names.Select(name => TextOf(Claim(name))).FirstOrDefault(text => text is not null);

    /// <summary>Returns the values of all these claims, such as roles. A claim has one value or an array of values.</summary>
    public IEnumerable<string> Texts(params IEnumerable<string> names) =>
        names
            .Select(Claim)
            .SelectMany(claim => claim.ValueKind is JsonValueKind.Array ? claim.EnumerateArray().AsEnumerable() : [claim])
            .Select(TextOf)
            .OfType<string>();

    private static string? TextOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : value.AsText();

    private DateTimeOffset? Time(string name) =>
        Claim(name).AsNumber() is { } seconds and > 0 and < 1e11 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;

    private JsonElement Claim(string name) =>
        claims.ValueKind is JsonValueKind.Object && claims.TryGetProperty(name, out var value) ? value : default;
}
