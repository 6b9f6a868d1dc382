namespace TokenSessionSite.Session;

/// <summary>The result of a decision or of a refresh.</summary>
/// <param name="Ticket">The ticket with the newest tokens; null when rejected.</param>
/// <param name="RetryAt">When postponed: not to be tried again before this time.</param>
/// <param name="SignedOutAt">When rejected because the user ended the session: when that was.</param>
/// <param name="EndReason">When rejected: why the session has ended.</param>
public sealed record RefreshResult(
    RefreshOutcome Outcome,
    SessionTicket? Ticket = null,
    DateTimeOffset? RetryAt = null,
    DateTimeOffset? SignedOutAt = null,
    SessionEndReason EndReason = SessionEndReason.Ended
);
