namespace Tests.Session;

/// <summary>The decision about a ticket, one row for each case. Times are seconds after sign-in. Access tokens live for 60 s and are stale
/// after 48 s.</summary>
public sealed class SessionDecisionTests
{
    private const int Day = 24 * 60 * 60;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private static readonly TokenSessionOptions Options = new();

    /// <summary>Refreshed once after 50 s; the new cookie was first sent after 55 s.</summary>
    private static readonly TokenFamily Once = new TokenFamily("0123456789abcdef").Refreshed(1, Tokens(50)).MarkSeen(1, At(55), Grace);

    /// <summary>Refreshed a second time after 100 s; that cookie was first sent after 105 s.</summary>
    private static readonly TokenFamily Twice = Once.Refreshed(2, Tokens(100)).MarkSeen(2, At(105), Grace);

    private static readonly Dictionary<string, Row> Table = new()
    {
        // Without a token family.
        ["fresh"] = new(Ticket(0), null, 10, SessionAction.Use),
        ["fresh to the last moment"] = new(Ticket(0), null, 47.9, SessionAction.Use),
        ["stale, needs a fresh token"] = new(Ticket(0), null, 48, SessionAction.Refresh),
        ["stale, needs none"] = new(Ticket(0), null, 48, SessionAction.Use, NeedsFresh: false),
        ["expired, needs a fresh token"] = new(Ticket(0), null, 70, SessionAction.Refresh),
        ["expired, needs none"] = new(Ticket(0), null, 70, SessionAction.Use, NeedsFresh: false),
        ["a later generation after a restart"] = new(Ticket(7, 100), null, 110, SessionAction.Use, Generation: 7),

        // With a token family.
        ["the newest generation"] = new(Ticket(1, 50), Once, 60, SessionAction.Use, Generation: 1),
        ["newer than the family after a restart"] = new(Ticket(2, 100), Once, 110, SessionAction.Use, Generation: 2),
        ["superseded, within the grace period"] = new(Ticket(0), Once, 60, SessionAction.Adopt, Generation: 1),
        ["superseded, within the grace period, needs none"] = new(Ticket(0), Once, 60, SessionAction.Adopt, false, Generation: 1),
        ["superseded, at the end of the grace period"] = new(Ticket(0), Twice, 115, SessionAction.Adopt, Generation: 2),
        ["superseded, beyond the grace period"] = new(Ticket(0), Twice, 115.1, SessionAction.Reject),
        ["superseded, beyond the grace period, needs none"] = new(Ticket(0), Twice, 115.1, SessionAction.Reject, false),
        ["only the one before is within the grace period"] = new(Ticket(1, 50), Twice, 116, SessionAction.Adopt, Generation: 2),
        ["superseded, the newest is stale"] = new(Ticket(0), Once, 98, SessionAction.Refresh, Generation: 1),
        ["superseded, the newest is stale, needs none"] = new(Ticket(0), Once, 98, SessionAction.Adopt, false, Generation: 1),
        ["the successor was never sent"] = new(
            Ticket(0),
            new TokenFamily("0123456789abcdef").Refreshed(1, Tokens(50)),
            2 * Day,
            SessionAction.Refresh,
            Generation: 1
        ),

        // Revoked.
        ["this generation is revoked"] = new(Ticket(1, 50), Once.RevokedUpTo(1), 60, SessionAction.Reject, Generation: 1),
        ["all generations are revoked"] = new(Ticket(1, 50), Once.SignedOut(At(58)), 60, SessionAction.Reject, Generation: 1),
        ["expired before"] = new(Ticket(1, 50), Once.Expired(), 60, SessionAction.Reject, Generation: 1),
        ["revoked and idle"] = new(Ticket(0), Once.Expired(), 8 * Day, SessionAction.Reject),
        ["only an older generation is revoked"] = new(Ticket(1, 50), Once.RevokedUpTo(0), 60, SessionAction.Use, Generation: 1),
        ["the refresh token was refused, not the session"] = new(Ticket(1, 50), Once.Rejected(1), 60, SessionAction.Use, Generation: 1),

        // The limits.
        ["idle to the last moment"] = new(Ticket(0), null, (7 * Day) - 0.1, SessionAction.Use, NeedsFresh: false),
        ["idle"] = new(Ticket(0), null, 7 * Day, SessionAction.Expire, NeedsFresh: false),
        ["idle, needs a fresh token"] = new(Ticket(0), null, 7 * Day, SessionAction.Expire),
        ["active, as only the family knows"] = new(
            Ticket(1, 50),
            Once.ActiveAt(At(6 * Day)),
            8 * Day,
            SessionAction.Use,
            false,
            Generation: 1,
            ActiveAt: 6 * Day
        ),
        ["active, as only the ticket knows"] = new(Ticket(1, 50, 6 * Day), Once, 8 * Day, SessionAction.Use, false, 1, 6 * Day),
        ["idle, as the family knows, too"] = new(
            Ticket(0),
            Once.ActiveAt(At(60)),
            (7 * Day) + 60,
            SessionAction.Expire,
            Generation: 1,
            ActiveAt: 60
        ),
        ["the absolute limit"] = new(Ticket(1, 50, 29 * Day), null, 30 * Day, SessionAction.Expire, Generation: 1, ActiveAt: 29 * Day),
        ["before the absolute limit"] = new(Ticket(1, 50, 29 * Day), null, (30 * Day) - 1, SessionAction.Refresh, true, 1, 29 * Day),
        ["the absolute limit of an active session"] = new(
            Ticket(1, 50),
            Once.ActiveAt(At(29 * Day)),
            30 * Day,
            SessionAction.Expire,
            Generation: 1,
            ActiveAt: 29 * Day
        ),
    };

    public static TheoryData<string> Names => [.. Table.Keys];

    [Theory, MemberData(nameof(Names))]
    public void The_decision_follows_the_table(string name)
    {
        var row = Table[name];

        var (action, ticket) = SessionDecision.Decide(row.Ticket, row.Family, row.NeedsFresh, Options, At(row.Seconds));

        Assert.Equal((row.Expected, row.Generation, At(row.ActiveAt)), (action, ticket.Generation, ticket.LastActive));
        Assert.Equal(row.Generation == row.Ticket.Generation ? row.Ticket.Tokens : row.Family!.Tokens, ticket.Tokens);
    }

    [Fact]
    public void A_configured_grace_period_replaces_the_lifetime_of_the_token()
    {
        var options = new TokenSessionOptions { GracePeriod = TimeSpan.FromHours(1) };
        Assert.Equal(SessionAction.Adopt, SessionDecision.Decide(Ticket(0), Twice, false, options, At(3_600)).Action);
        Assert.Equal(SessionAction.Reject, SessionDecision.Decide(Ticket(0), Twice, false, options, At(3_700)).Action);
    }

    [Fact]
    public void The_decision_changes_neither_the_session_nor_its_start()
    {
        var (_, ticket) = SessionDecision.Decide(Ticket(0), Once, true, Options, At(60));
        Assert.Equal(Ticket(0).With(1, Once.Tokens!), ticket);
    }

    private static DateTimeOffset At(double seconds) => DateTimeOffset.UnixEpoch.AddYears(60).AddSeconds(seconds);

    private static SessionTokens Tokens(int issuedAt) => new($"access {issuedAt}", At(issuedAt), At(issuedAt + 60), $"refresh {issuedAt}");

    private static SessionTicket Ticket(int generation, int issuedAt = 0, int lastActive = 0) =>
        new("0123456789abcdef", generation, Tokens(issuedAt), At(0), At(lastActive), IsPersistent: false);

    /// <param name="Generation">The generation of the ticket that the decision returns.</param>
    /// <param name="ActiveAt">The last activity of that ticket.</param>
    private sealed record Row(
        SessionTicket Ticket,
        TokenFamily? Family,
        double Seconds,
        SessionAction Expected,
        bool NeedsFresh = true,
        int Generation = 0,
        int ActiveAt = 0
    );
}
