namespace TokenSessionSite.Session;

/// <summary>
/// Distinguishes a session that the backend refuses from a backend that refuses all sessions, for example because its signing keys are new
/// or this site is configured wrongly. The session ends only in the first case. The state is in memory: each process decides by its own
/// calls.
/// </summary>
public sealed class BackendRefusals(SessionClock clock)
{
    /// <summary>How long a session is refused before it ends: if the backend accepts others, and if it was asked about no others.</summary>
    private static readonly TimeSpan WhileOthersAreAccepted = TimeSpan.FromSeconds(10),
        WithoutOthers = TimeSpan.FromSeconds(45);

    private readonly Lock gate = new();
    private DateTimeOffset acceptedAt;
    private (string? SessionId, DateTimeOffset At) last,
        lastOfAnother;

    /// <summary>Records that the backend accepted a session.</summary>
    public void Accepted()
    {
        lock (gate)
        {
            acceptedAt = clock.GetUtcNow();
        }
    }

    /// <summary>Records that the backend refused a session. Returns true if the session has to end.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="since">When the backend first refused it.</param>
    public bool Refused(string sessionId, DateTimeOffset since)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            lastOfAnother = last.SessionId == sessionId ? lastOfAnother : last;
            last = (sessionId, now);
            return acceptedAt > since ? now - since >= WhileOthersAreAccepted : lastOfAnother.At < since && now - since >= WithoutOthers;
        }
    }
}
