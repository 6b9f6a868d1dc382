namespace TokenSessionSite.Session;

/// <summary>The tokens of one generation of a session, as the backend issued them.</summary>
/// <param name="AccessToken">Sent to the backend as <c>Authorization: Bearer</c> (RFC 6750).</param>
/// <param name="IssuedAt">When this site received the tokens (UTC, clock of this site).</param>
/// <param name="ExpiresAt">When the access token expires (UTC, clock of this site).</param>
/// <param name="RefreshToken">Exchanged for the next generation. Assume that it works once.</param>
/// <param name="User">What the backend said of the user with these tokens; null: nothing, and what it said earlier stays.</param>
public sealed record SessionTokens(
    string AccessToken,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    string RefreshToken,
    UserProfile? User = null
)
{
    public TimeSpan Lifetime => ExpiresAt - IssuedAt;

    public bool IsExpired(DateTimeOffset now) => now >= ExpiresAt;

    /// <summary>When the access token turns from fresh to stale: <paramref name="margin"/> before it expires, but at most a fifth of its
    /// lifetime, so that a token of a few seconds is not stale from the start.</summary>
    public DateTimeOffset RefreshAt(TimeSpan margin) => ExpiresAt - (margin < Lifetime / 5 ? margin : Lifetime / 5);

    /// <summary>The same tokens. What the backend did not say of the user with them is taken from an earlier answer. The id does not change while
    /// it is not said: open pages and forms name the user.</summary>
    internal SessionTokens WithKnown(UserProfile? earlier) =>
        this with
        {
            User = User is null ? earlier : User with { Id = User.Id ?? earlier?.Id },
        };

    /// <summary>Contains no token, because logs and exceptions print records.</summary>
    public override string ToString() => $"tokens until {ExpiresAt:O}";
}
