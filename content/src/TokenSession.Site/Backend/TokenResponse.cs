using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// The tokens in a response of the backend, with the names of RFC 6749, 5.1. The expiry can be <c>expires_in</c> (seconds, RFC 6749),
/// <c>expires</c> (milliseconds, Directus), <c>expires_at</c> (a date), or only the claim <c>exp</c> of a JWT. If a value can mean seconds,
/// milliseconds or a date, the meaning that is closest to the lifetime in the JWT is used.
/// </summary>
public sealed record TokenResponse
{
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    /// <summary>May be absent in the response to a refresh. The old refresh token then stays valid (RFC 6749, 6).</summary>
    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; init; }

    [JsonPropertyName("expires_in")]
    public JsonElement ExpiresIn { get; init; }

    [JsonPropertyName("expires")]
    public JsonElement Expires { get; init; }

    [JsonPropertyName("expires_at")]
    public JsonElement ExpiresAt { get; init; }

    /// <summary>Converts the response to the tokens of a session; null if a token is missing or no future expiry is known.</summary>
    /// <param name="now">The time of this site. Relative times count from it, so the backend's clock may differ.</param>
    /// <param name="refreshToken">The refresh token that was exchanged.</param>
    public SessionTokens? ToTokens(DateTimeOffset now, string? refreshToken = null)
    {
        refreshToken = string.IsNullOrEmpty(RefreshToken) ? refreshToken : RefreshToken;
        return
            string.IsNullOrEmpty(AccessToken)
            || string.IsNullOrEmpty(refreshToken)
            || LifeOf(AccessToken, now) is not { } life
            || life <= TimeSpan.Zero
            ? null
            : new(AccessToken, now, now + life, refreshToken);
    }

    public override string ToString() => "tokens";

    private TimeSpan? LifeOf(string accessToken, DateTimeOffset now)
    {
        var jwt = JwtPayload.Read(accessToken);
        var jwtLife = jwt.ExpiresAt - (jwt.IssuedAt ?? now);
        var said = Readings(ExpiresIn, now, TimeSpan.FromSeconds)
            .Concat(Readings(Expires, now, TimeSpan.FromMilliseconds))
            .Concat(Readings(ExpiresAt, now, asLife: null))
            .ToList();

        return jwtLife is { } known && said.Count > 0
            ? said.MinBy(life => (life - known).Duration())
            : said.Select(life => (TimeSpan?)life).FirstOrDefault(jwtLife);
    }

    /// <summary>Returns the lifetimes that a value can mean, the most likely first.</summary>
    private static IEnumerable<TimeSpan> Readings(JsonElement value, DateTimeOffset now, Func<double, TimeSpan>? asLife)
    {
        var text = value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        if (
            value.ValueKind is JsonValueKind.Number
                ? value.TryGetDouble(out var number)
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
        )
        {
            // A value of more than 30 years is not a lifetime but a Unix time, in seconds or milliseconds.
            if (asLife is not null && number is > 0 and < 1e12 && asLife(number) is var life && life < TimeSpan.FromDays(30 * 365))
            {
                yield return life;
            }

            if (number is >= 1e9 and < 1e11)
            {
                yield return DateTimeOffset.UnixEpoch.AddSeconds(number) - now;
            }
            else if (number is >= 1e11 and < 1e14)
            {
                yield return DateTimeOffset.UnixEpoch.AddMilliseconds(number) - now;
            }

            if (asLife is not null && number is > 0 and < 1e9)
            {
                yield return TimeSpan.FromSeconds(number);
                yield return TimeSpan.FromMilliseconds(number);
            }
        }
        else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            yield return date - now;
        }
    }
}
