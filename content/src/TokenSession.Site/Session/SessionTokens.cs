namespace TokenSessionSite.Session;

/// <summary>The tokens of one generation of a session, as the backend issued them.</summary>
/// <param name="AccessToken">Sent to the backend as <c>Authorization: Bearer</c> (RFC 6750).</param>
/// <param name="IssuedAt">When this site received the tokens (UTC, clock of this site).</param>
/// <param name="ExpiresAt">When the access token expires (UTC, clock of this site).</param>
/// <param name="RefreshToken">Exchanged for the next generation. Assume that it works only once.</param>
/// <param name="User">What the backend said about the user with these tokens; null: nothing, so the earlier profile is kept.</param>
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

    /// <summary>Returns when the access token becomes stale: <paramref name="margin"/> before it expires, but at most a fifth of its
    /// lifetime. A token that lives for a few seconds is therefore not stale from the start.</summary>
    public DateTimeOffset RefreshAt(TimeSpan margin) => ExpiresAt - (margin < Lifetime / 5 ? margin : Lifetime / 5);

    /// <summary>Returns these tokens with the earlier profile if the backend said nothing about the user, or with the earlier id if only
    /// the id is missing. The id must not change, because open pages and forms name the user.</summary>
    internal SessionTokens WithKnown(UserProfile? earlier) =>
        this with
        {
            User = User is null ? earlier : User with { Id = User.Id ?? earlier?.Id },
        };

    /// <summary>Contains no token, because logs and exceptions print records.</summary>
    public override string ToString() => $"tokens until {ExpiresAt:O}";
}
