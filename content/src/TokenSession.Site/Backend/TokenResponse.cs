using System.Text.Json;
using System.Text.Json.Serialization;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>The tokens in a response of the backend. They are at its top level or in the envelope <c>data</c>.</summary>
public sealed class TokenResponse
{
    // The names of the tokens, in snake case or in camel case. The first name that is found counts. Add the names of your API.
    private static readonly string[] AccessTokenNames = ["access_token", "token", "jwt", "access"];
    private static readonly string[] RefreshTokenNames = ["refresh_token", "refresh"];

    // A lifetime in seconds (RFC 6749, 5.1).
    private static readonly string[] SecondsNames = ["expires_in"];

    // A lifetime in milliseconds (Directus).
    private static readonly string[] MillisecondsNames = ["expires"];

    // A date in ISO 8601 with a zone, or a Unix time in seconds or milliseconds.
    private static readonly string[] DateNames =
    [
        "expires_at",
        "expires",
        "expires_on",
        "expiration",
        "expiry",
        "access_token_expires_at",
        "token_expires",
    ];

    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3650);

    [JsonExtensionData]
    public Dictionary<string, JsonElement> Fields { get; init; } = [];

    /// <summary>The envelope, or other content beside the tokens. <see cref="DataEnvelopeSerializer"/> does not remove it, because this
    /// property exists.</summary>
    [JsonPropertyName("data")]
    public JsonElement Data { get; init; }

    /// <summary>Converts the response to the tokens of a session. If that is not possible, the problem says why, without any value of the
    /// response.</summary>
    /// <param name="now">The time of this site. Lifetimes count from it, so the backend's clock may differ.</param>
    /// <param name="refreshToken">The refresh token that was exchanged. It stays valid if the response has no other (RFC 6749, 6).</param>
    public (SessionTokens? Tokens, string? Problem) Read(DateTimeOffset now, string? refreshToken = null)
    {
        var envelope = Data.ValueKind is JsonValueKind.Object ? Data.Deserialize<Dictionary<string, JsonElement>>()! : [];
        var (accessToken, newRefreshToken, fields) = (
            from name in AccessTokenNames
            from place in new[] { Fields, envelope }
            let access = Find(place, name).AsText()
            let refresh = RefreshTokenNames.Select(name => Find(place, name).AsText()).FirstOrDefault(text => text is not null)
            where access is not null
            orderby refresh is null
            select (access, refresh, place)
        ).FirstOrDefault();
        refreshToken = newRefreshToken ?? refreshToken;
        if (accessToken is null)
        {
            return (null, Missing("access token", AccessTokenNames));
        }

        if (!accessToken.All(character => character is > ' ' and <= '~'))
        {
            return (null, "the access token has a space, a control character or a non-ASCII character, which no header can carry");
        }

        if (string.IsNullOrEmpty(refreshToken))
        {
            return (null, Missing("refresh token", RefreshTokenNames) + "; does the sign-in have to ask for the scope offline_access?");
        }

        return LifetimeOf(accessToken, fields, now) is { } lifetime
            ? (new(accessToken, now, now + lifetime, refreshToken, UserOf(Find(fields, "id_token").AsText())), null)
            : (null, ExpiryProblem(fields));
    }

    /// <summary>Returns what an ID token (OpenID Connect Core, 2) says about the user; null if there is none. Its signature need not be
    /// verified, because this site received the token from the backend itself (3.1.3.7).</summary>
    private static UserProfile? UserOf(string? idToken) =>
        JwtPayload.Read(idToken ?? "") is { Subject: { } id } token
            ? new(id, token.Text("name", "preferred_username", "email"), [.. token.Texts("role", "roles")])
            : null;

    /// <summary>Returns the first lifetime that makes sense. The most certain one is first: a number of seconds, the claims of a JWT,
    /// seconds as a text, a date (the backend's clock may be wrong), and a number of milliseconds.</summary>
    private static TimeSpan? LifetimeOf(string accessToken, Dictionary<string, JsonElement> fields, DateTimeOffset now)
    {
        var jwt = JwtPayload.Read(accessToken);
        var seconds = SecondsNames.Select(name => Find(fields, name)).ToList();
        var dates = DateNames.SelectMany(name => UnixTimes(Find(fields, name)));
        var unixNow = (now - DateTimeOffset.UnixEpoch).TotalSeconds;
        IEnumerable<double?> lifetimes =
        [
            .. seconds.Where(value => value.ValueKind is JsonValueKind.Number).Select(value => value.AsNumber()),
            (jwt.ExpiresAt - (jwt.IssuedAt ?? now))?.TotalSeconds,
            .. seconds.Select(value => value.AsNumber()),
            .. dates.Select(time => time - unixNow),
            .. MillisecondsNames.Select(name => Find(fields, name).AsNumber() / 1000),
        ];
        var lifetime = lifetimes.FirstOrDefault(lifetime => lifetime > 0 && lifetime <= MaxLifetime.TotalSeconds);
        return lifetime is null ? null : TimeSpan.FromSeconds(lifetime.Value);
    }

    /// <summary>Returns the times that a value can mean. A number is in seconds or in milliseconds; at most one of these times is in the
    /// next years.</summary>
    private static IEnumerable<double> UnixTimes(JsonElement value)
    {
        if (value.AsNumber() is { } number)
        {
            return [number, number / 1000];
        }

        var isDate =
            value.ValueKind is JsonValueKind.String && value.TryGetDateTime(out var date) && date.Kind is not DateTimeKind.Unspecified;
        return isDate ? [(value.GetDateTimeOffset() - DateTimeOffset.UnixEpoch).TotalSeconds] : [];
    }

    /// <summary>Whether both are the same name, in snake case or in camel case.</summary>
    internal static bool IsSameName(string field, string name) =>
        Simplify(field).Equals(Simplify(name), StringComparison.OrdinalIgnoreCase);

    private static JsonElement Find(Dictionary<string, JsonElement> fields, string name) =>
        fields.FirstOrDefault(field => IsSameName(field.Key, name)).Value;

    private static string Simplify(string name) => name.Replace("_", "", StringComparison.Ordinal);

    private static string Missing(string what, IEnumerable<string> names) =>
        $"the {what} is missing (looked for {string.Join(", ", names)}, in snake or camel case)";

    private static string ExpiryProblem(Dictionary<string, JsonElement> fields)
    {
        string[] names = [.. SecondsNames.Concat(DateNames).Concat(MillisecondsNames).Distinct()];
        string[] found = [.. names.Where(name => Find(fields, name).ValueKind is not JsonValueKind.Undefined)];
        return found.Length is 0
            ? Missing("expiry", names) + ", and the access token is no JWT with exp"
            : $"{string.Join(", ", found)} does not say when the access token expires (a number, or a date with a zone, in the next ten years)";
    }
}
