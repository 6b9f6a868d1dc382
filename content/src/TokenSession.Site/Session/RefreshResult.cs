namespace TokenSessionSite.Session;

/// <summary>The outcome and what goes with it.</summary>
/// <param name="Ticket">The ticket with the newest tokens; null when rejected.</param>
/// <param name="RetryAfter">When to ask again, if deferred.</param>
/// <param name="EndedAt">When the session ended, if it was rejected for that.</param>
/// <param name="IsSuperseded">Rejected because the grace is over; the session itself may live on.</param>
public sealed record RefreshResult(
    RefreshOutcome Outcome,
    SessionTicket? Ticket,
    TimeSpan? RetryAfter = null,
    DateTimeOffset? EndedAt = null,
    bool IsSuperseded = false
);
