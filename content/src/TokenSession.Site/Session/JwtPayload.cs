using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace TokenSessionSite.Session;

/// <summary>
/// The claims of an access token that happens to be a JWT (RFC 7519), read and not verified: this site got the token from the backend
/// itself, and it is the backend that decides whether it is good. An opaque token has no claims.
/// </summary>
public sealed class JwtPayload
{
    private static readonly JwtPayload Opaque = new(default);

    private readonly JsonElement claims;

    private JwtPayload(JsonElement claims) => this.claims = claims;

    public DateTimeOffset? IssuedAt => Time("iat");

    public DateTimeOffset? ExpiresAt => Time("exp");

    /// <summary>Who it was issued to: <c>sub</c>, or <c>id</c> as Directus names it.</summary>
    public string? Subject => Text("sub") ?? Text("id");

    public static JwtPayload Read(string accessToken)
    {
        var parts = accessToken.Split('.');
        if (parts.Length != 3)
        {
            return Opaque;
        }

        try
        {
            return new(JsonElement.Parse(Base64Url.DecodeFromChars(parts[1])));
        }
        catch (Exception notAJwt) when (notAJwt is FormatException or JsonException)
        {
            return Opaque;
        }
    }

    /// <summary>A claim that is a text or a whole number; null when it is not there or something else.</summary>
    public string? Text(string name) =>
        Claim(name) switch
        {
            { ValueKind: JsonValueKind.String } value => value.GetString() is { Length: > 0 } text ? text : null,
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number.ToString(
                CultureInfo.InvariantCulture
            ),
            _ => null,
        };

    private DateTimeOffset? Time(string name) =>
        Claim(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var seconds) && seconds is > 0 and < 1e11
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private JsonElement Claim(string name) =>
        claims.ValueKind is JsonValueKind.Object && claims.TryGetProperty(name, out var value) ? value : default;
}
