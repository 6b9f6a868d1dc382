using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;

namespace TokenSessionSite.Session;

/// <summary>What the ticket cookie carries of a session: all that is needed to go on after this site forgot everything else.</summary>
/// <param name="SessionId">New at every sign-in; never shown to anybody.</param>
/// <param name="Generation">How many refreshes since sign-in; says how old the tokens in this cookie are.</param>
/// <param name="Tokens">The tokens of that generation.</param>
/// <param name="Began">When the user signed in; the absolute limit counts from here.</param>
/// <param name="LastActive">When the user last asked for a page; the idle limit counts from here.</param>
/// <param name="IsPersistent">"Remember me": the cookie outlives the browser.</param>
public sealed record SessionTicket(
    string SessionId,
    int Generation,
    SessionTokens Tokens,
    DateTimeOffset Began,
    DateTimeOffset LastActive,
    bool IsPersistent
)
{
    private const string IdKey = "session.id",
        GenerationKey = "session.generation",
        LastActiveKey = "session.last_active",
        TokensIssuedKey = "tokens.issued",
        TokensExpireKey = "tokens.expire",
        ReadKey = "session.ticket";

    public static SessionTicket Begin(SessionTokens tokens, DateTimeOffset now, bool isPersistent) =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Generation: 0, tokens, now, now, isPersistent);

    /// <summary>The ticket in these properties, or null when they are not of this site's making. It is read once and kept in
    /// <see cref="AuthenticationProperties.Parameters"/>, which copies share and cookies do not carry; only <see cref="WriteTo"/> forgets it.
    /// </summary>
    public static SessionTicket? Read(AuthenticationProperties properties)
    {
        if (properties.GetParameter<SessionTicket>(ReadKey) is { } known)
        {
            return known;
        }

        if (
            properties.Items.TryGetValue(IdKey, out var id)
            && id is not null
            && properties.Items.TryGetValue(GenerationKey, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            && properties.GetTokenValue("access_token") is { } accessToken
            && properties.GetTokenValue("refresh_token") is { } refreshToken
            && Time(properties, TokensIssuedKey) is { } issued
            && Time(properties, TokensExpireKey) is { } expires
            && Time(properties, LastActiveKey) is { } lastActive
            && properties.IssuedUtc is { } began
        )
        {
            var tokens = new SessionTokens(accessToken, issued, expires, refreshToken);
            var ticket = new SessionTicket(id, generation, tokens, began, lastActive, properties.IsPersistent);
            properties.SetParameter(ReadKey, ticket);
            return ticket;
        }

        return null;
    }

    public void WriteTo(AuthenticationProperties properties, DateTimeOffset endsAt)
    {
        properties.StoreTokens([
            new() { Name = "access_token", Value = Tokens.AccessToken },
            new() { Name = "refresh_token", Value = Tokens.RefreshToken },
        ]);
        properties.Items[IdKey] = SessionId;
        properties.Items[GenerationKey] = Generation.ToString(CultureInfo.InvariantCulture);
        properties.Items[TokensIssuedKey] = Tokens.IssuedAt.ToString("O");
        properties.Items[TokensExpireKey] = Tokens.ExpiresAt.ToString("O");
        properties.Items[LastActiveKey] = LastActive.ToString("O");
        properties.IsPersistent = IsPersistent;
        properties.AllowRefresh = false;
        properties.IssuedUtc = Began;
        properties.ExpiresUtc = endsAt;
        properties.Parameters.Remove(ReadKey);
    }

    /// <summary>One stable claim: antiforgery ties open forms to the user's claims, so nothing that changes with the token belongs here.
    /// </summary>
    public ClaimsPrincipal ToPrincipal()
    {
        var name =
            JwtPayload.Read(Tokens.AccessToken).Subject ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(SessionId)));
        return new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], TokenSessionOptions.Scheme));
    }

    public override string ToString() => $"session {SessionId[..6]}, generation {Generation}, {Tokens}";

    private static DateTimeOffset? Time(AuthenticationProperties properties, string key) =>
        properties.Items.TryGetValue(key, out var text)
        && DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
            ? time
            : null;
}
