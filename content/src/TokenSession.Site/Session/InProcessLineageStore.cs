using System.Collections.Concurrent;

namespace TokenSessionSite.Session;

/// <summary>Remembers lineages in the memory of this process: enough for a site on one machine. A restart forgets them.</summary>
public sealed class InProcessLineageStore(TimeProvider time) : ILineageStore
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, SessionLineage> lineages = new();
    private long sweptAt = time.GetTimestamp();

    public bool KnowsAll => true;

    public ValueTask<SessionLineage?> FindAsync(string sessionId, bool latest = false) =>
        ValueTask.FromResult(lineages.GetValueOrDefault(sessionId));

    public ValueTask<bool> TrySaveAsync(SessionLineage? previous, SessionLineage next)
    {
        Sweep();
        return ValueTask.FromResult(
            previous is null ? lineages.TryAdd(next.SessionId, next) : lineages.TryUpdate(next.SessionId, next, previous)
        );
    }

    private void Sweep()
    {
        var last = Interlocked.Read(ref sweptAt);
        if (time.GetElapsedTime(last) < SweepEvery || Interlocked.CompareExchange(ref sweptAt, time.GetTimestamp(), last) != last)
        {
            return;
        }

        var now = time.GetUtcNow();
        foreach (var forgotten in lineages.Where(entry => entry.Value.ForgetAt <= now))
        {
            lineages.TryRemove(forgotten);
        }
    }
}
