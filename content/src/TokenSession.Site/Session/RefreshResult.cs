namespace TokenSessionSite.Session;

/// <summary>The result of a decision or of a refresh.</summary>
/// <param name="Ticket">The ticket with the newest tokens; null if rejected.</param>
/// <param name="RetryAt">If postponed: the time of the next attempt.</param>
/// <param name="SignedOutAt">If rejected because the user ended the session: when the user did so.</param>
/// <param name="EndReason">If rejected: why the session has ended.</param>
public sealed record RefreshResult(
    RefreshOutcome Outcome,
    SessionTicket? Ticket = null,
    DateTimeOffset? RetryAt = null,
    DateTimeOffset? SignedOutAt = null,
    SessionEndReason EndReason = SessionEndReason.Ended
);
