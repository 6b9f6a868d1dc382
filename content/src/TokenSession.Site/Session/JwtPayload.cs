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
    private static readonly JwtPayload Opaque = new();

    public DateTimeOffset? IssuedAt { get; private init; }

    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>Who it was issued to: <c>sub</c>, or <c>id</c> as Directus names it.</summary>
    public string? Subject { get; private init; }

    public static JwtPayload Read(string accessToken)
    {
        var parts = accessToken.Split('.');
        if (parts.Length != 3)
        {
            return Opaque;
        }

        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            var claims = json.RootElement;
            return claims.ValueKind is not JsonValueKind.Object
                ? Opaque
                : new JwtPayload
                {
                    IssuedAt = Time(claims, "iat"),
                    ExpiresAt = Time(claims, "exp"),
                    Subject = Text(claims, "sub") ?? Text(claims, "id"),
                };
        }
        catch (Exception notAJwt) when (notAJwt is FormatException or JsonException)
        {
            return Opaque;
        }
    }

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value)
        && value.ValueKind is JsonValueKind.Number
        && value.TryGetDouble(out var seconds)
        && seconds is > 0 and < 1e11
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static string? Text(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
                JsonValueKind.Number => value.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : null,
                _ => null,
            };
}
