namespace TokenSessionSite.Session;

/// <summary>
/// Distinguishes a session that the backend refuses from a backend that refuses all sessions, for example because its signing keys are
/// new or this site is configured wrongly. Only the former ends. In memory: each process judges by what it has seen.
/// </summary>
public sealed class BackendRefusals(SessionClock clock)
{
    /// <summary>How long a session is refused before it ends: while others are accepted, and while there are no others.</summary>
    private static readonly TimeSpan WhileOthersAreAccepted = TimeSpan.FromSeconds(10),
        WithoutOthers = TimeSpan.FromSeconds(45);

    private readonly Lock gate = new();
    private DateTimeOffset acceptedAt;
    private (string? SessionId, DateTimeOffset At) last,
        lastOfAnother;

    /// <summary>The backend accepted a session.</summary>
    public void Accepted()
    {
        lock (gate)
        {
            acceptedAt = clock.GetUtcNow();
        }
    }

    /// <summary>The backend refused a session. Returns whether the session has to end.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="since">Since when the backend has refused it.</param>
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
