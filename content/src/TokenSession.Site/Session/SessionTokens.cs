namespace TokenSessionSite.Session;

/// <summary>The tokens of one generation of a session, as the backend issued them.</summary>
/// <param name="AccessToken">What backend calls carry as <c>Authorization: Bearer</c>.</param>
/// <param name="IssuedAt">When this site received the tokens, by its own clock (UTC).</param>
/// <param name="ExpiresAt">When the access token stops working, by this site's clock (UTC).</param>
/// <param name="RefreshToken">What buys the next generation; assume that it works once.</param>
public sealed record SessionTokens(string AccessToken, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, string RefreshToken)
{
    public TimeSpan Lifetime => ExpiresAt - IssuedAt;

    public bool IsExpired(DateTimeOffset now) => now >= ExpiresAt;

    /// <summary>When the access token turns from fresh to stale: <paramref name="margin"/> before it expires, but at most a fifth of
    /// its life, so that a token of a few seconds is not stale from its birth.</summary>
    public DateTimeOffset StaleAt(TimeSpan margin) => ExpiresAt - (margin < Lifetime / 5 ? margin : Lifetime / 5);

    /// <summary>Never the tokens: whatever prints this record (a log, an exception, a debugger's copy) must not leak them.</summary>
    public override string ToString() => $"tokens until {ExpiresAt:O}";
}
