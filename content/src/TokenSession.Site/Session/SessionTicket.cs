using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;

namespace TokenSessionSite.Session;

/// <summary>The content of the encrypted ticket cookie. It is sufficient to continue the session without its token family.</summary>
/// <param name="SessionId">32 hexadecimal characters, new at each sign-in. It is secret.</param>
/// <param name="Generation">Number of refreshes since sign-in.</param>
/// <param name="Tokens">The tokens of that generation.</param>
/// <param name="StartedAt">When the user signed in. The absolute limit counts from this time.</param>
/// <param name="LastActive">When the user last opened a page. The idle limit counts from this time.</param>
/// <param name="IsPersistent">"Remember me": the cookies outlive the browser.</param>
public sealed record SessionTicket(
    string SessionId,
    int Generation,
    SessionTokens Tokens,
    DateTimeOffset StartedAt,
    DateTimeOffset LastActive,
    bool IsPersistent
)
{
    private const string Parameter = "TokenSession.Ticket";

    private AuthenticationToken[] NamedTokens =>
        [
            new() { Name = "access_token", Value = Tokens.AccessToken },
            new() { Name = "refresh_token", Value = Tokens.RefreshToken },
            new() { Name = "expires_at", Value = Tokens.ExpiresAt.ToString("O") },
        ];

    public static SessionTicket Start(SessionTokens tokens, DateTimeOffset now, bool isPersistent) =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Generation: 0, tokens, now, now, isPersistent);

    /// <summary>Returns the ticket in these properties; null if there is none.</summary>
    public static SessionTicket? Read(AuthenticationProperties properties) => properties.GetParameter<SessionTicket>(Parameter);

    /// <summary>Stores this ticket in the properties, and the tokens where <c>HttpContext.GetTokenAsync("access_token")</c> finds them.
    /// </summary>
    public void WriteTo(AuthenticationProperties properties)
    {
        properties.SetParameter(Parameter, this);
        properties.IsPersistent = IsPersistent;
        properties.StoreTokens(NamedTokens);
    }

    /// <summary>Replaces the tokens that <see cref="WriteTo"/> stored. Other threads may read them at the same time.</summary>
    public void UpdateTokensIn(AuthenticationProperties? properties)
    {
        foreach (var token in properties is null ? [] : NamedTokens)
        {
            properties!.UpdateTokenValue(token.Name, token.Value);
        }
    }

    /// <summary>Returns this session with the tokens of another generation.</summary>
    public SessionTicket With(int generation, SessionTokens tokens) => this with { Generation = generation, Tokens = tokens };

    /// <summary>Returns this session with the tokens and the activity of the token family, if these are newer.</summary>
    public SessionTicket WithNewestOf(TokenFamily? family)
    {
        var newest = family is { Tokens: { } tokens } && family.Generation > Generation ? With(family.Generation, tokens) : this;
        return family?.LastActive > LastActive ? newest with { LastActive = family.LastActive } : newest;
    }

    public override string ToString() => $"session {SessionId[..6]}, generation {Generation}, {Tokens}";
}
