using System.Buffers.Text;
using System.Globalization;
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

    /// <summary>The user that the token was issued to: <c>sub</c>, or <c>id</c> as Directus names it.</summary>
    public string? Subject => Text("sub") ?? Text("id");

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

    /// <summary>A claim that is a text or a whole number; null when it is absent, empty or of another type.</summary>
    public string? Text(string name) => TextOf(Claim(name));

    /// <summary>A claim with one value or an array of values, such as roles; empty when it is absent.</summary>
    public IEnumerable<string> Texts(string name)
    {
        var claim = Claim(name);
        var values = claim.ValueKind is JsonValueKind.Array ? claim.EnumerateArray().Select(TextOf) : [TextOf(claim)];
        return values.OfType<string>();
    }

    private static string? TextOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
            JsonValueKind.Number when value.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };

    private DateTimeOffset? Time(string name) =>
        Claim(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var seconds) && seconds is > 0 and < 1e11
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private JsonElement Claim(string name) =>
        claims.ValueKind is JsonValueKind.Object && claims.TryGetProperty(name, out var value) ? value : default;
}
