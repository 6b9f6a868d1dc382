using System.Collections.Concurrent;

namespace TokenSessionSite.Session;

/// <summary>Keeps token families in the memory of this process, for a site of one process. A restart clears it.</summary>
public sealed class InMemoryTokenFamilyStore(SessionClock clock) : ITokenFamilyStore
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, TokenFamily> families = new();
    private long sweptAt = clock.GetTimestamp();

    public bool IsAuthoritative => true;

    public ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false) =>
        ValueTask.FromResult(families.GetValueOrDefault(sessionId));

    public ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next)
    {
        Sweep();
        return ValueTask.FromResult(
            previous is null ? families.TryAdd(next.SessionId, next) : families.TryUpdate(next.SessionId, next, previous)
        );
    }

    private void Sweep()
    {
        var last = Interlocked.Read(ref sweptAt);
        if (clock.GetElapsedTime(last) < SweepInterval || Interlocked.CompareExchange(ref sweptAt, clock.GetTimestamp(), last) != last)
        {
            return;
        }

        var now = clock.GetUtcNow();
        foreach (var expired in families.Where(entry => entry.Value.ExpiresAt <= now))
        {
            families.TryRemove(expired);
        }
    }
}
