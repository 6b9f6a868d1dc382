using System.Collections.Concurrent;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Caches the token families that this node read or wrote in the last minutes. A cached family is used for one second without reading
/// Redis. While Redis is away, the cache also keeps the changes of this node. A read never replaces a change that is not in Redis yet.
/// </summary>
public sealed class LocalTokenFamilyCache(SessionClock time)
{
    /// <summary>How long an entry is used without reading Redis.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    /// <summary>How long an entry is kept after its last read or write. If Redis loses its data, it is written again.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10),
        SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> entries = new();
    private long sweptAt = time.GetTimestamp();

    /// <summary>All cached families.</summary>
    public IEnumerable<(string Hash, TokenFamily Family)> All =>
        entries.Where(entry => entry.Value.Family is not null).Select(entry => (entry.Key, entry.Value.Family!));

    public Entry? Find(string hash) => entries.GetValueOrDefault(hash);

    /// <summary>Returns the entry if it can be used without reading Redis; otherwise null.</summary>
    public Entry? FindCurrent(string hash) =>
        Find(hash) is { IsOutdated: false, IsAhead: false } entry && time.GetElapsedTime(entry.ReadAt) < GoodFor ? entry : null;

    /// <summary>Caches what was read from Redis. Returns false if the entry has changed since the read began.</summary>
    /// <param name="hash">The hash of the session id.</param>
    /// <param name="known">The entry before the read; null: none.</param>
    /// <param name="family">The family in Redis; null: none, or it cannot be decrypted.</param>
    /// <param name="unreadable">The version of a family in Redis that cannot be decrypted; null: none.</param>
    public bool TryKeep(string hash, Entry? known, TokenFamily? family, long? unreadable)
    {
        Sweep();
        var kept = new Entry(family, time.GetTimestamp(), News: known?.News ?? 0, Unreadable: unreadable);
        return known is null ? entries.TryAdd(hash, kept) : entries.TryUpdate(hash, kept, known);
    }

    /// <summary>Caches a family that was written to Redis. If the entry has changed in the meantime, the next request reads and merges
    /// both.</summary>
    public void Saved(string hash, TokenFamily? previous, TokenFamily next) =>
        entries.AddOrUpdate(
            hash,
            _ => new(next, time.GetTimestamp()),
            (_, known) =>
                known.Version == (previous?.Version ?? 0) ? new(next, time.GetTimestamp(), known.News) : known with { IsOutdated = true }
        );

    /// <summary>Caches a change before it is written to Redis. Returns false if the entry has another version.</summary>
    public bool TryNote(string hash, TokenFamily previous, TokenFamily next) =>
        Find(hash) is { } known && known.Version == previous.Version && entries.TryUpdate(hash, known with { Family = next }, known);

    /// <summary>Caches a change that cannot be written to Redis. Returns false if the entry has another version.</summary>
    public bool TrySaveAlone(string hash, TokenFamily? previous, TokenFamily next)
    {
        var saved = new Entry(next, time.GetTimestamp(), IsAhead: true);
        return Find(hash) is { } known
            ? known.Version == (previous?.Version ?? 0) && entries.TryUpdate(hash, saved with { News = known.News }, known)
            : previous is null && entries.TryAdd(hash, saved);
    }

    /// <summary>Marks an entry as outdated, so that the next request reads Redis.</summary>
    public void Outdate(string hash)
    {
        while (
            entries.TryGetValue(hash, out var known)
            && !entries.TryUpdate(hash, known with { IsOutdated = true, News = known.News + 1 }, known)
        )
        {
            // Another thread changed the entry. Try again.
        }
    }

    private void Sweep()
    {
        var last = Interlocked.Read(ref sweptAt);
        if (time.GetElapsedTime(last) < SweepEvery || Interlocked.CompareExchange(ref sweptAt, time.GetTimestamp(), last) != last)
        {
            return;
        }

        var now = time.GetUtcNow();
        foreach (
            var entry in entries.Where(entry =>
                entry.Value.IsAhead ? entry.Value.Family!.ExpiresAt <= now : time.GetElapsedTime(entry.Value.ReadAt) > KeptFor
            )
        )
        {
            entries.TryRemove(entry);
        }
    }

    /// <summary>A cached token family.</summary>
    /// <param name="Family">Null: Redis has no family of this session, or it cannot be decrypted.</param>
    /// <param name="ReadAt">The timestamp of the last read or write.</param>
    /// <param name="News">The number of changes that other nodes reported. A read during which it changes is repeated.</param>
    /// <param name="IsOutdated">Redis may have a newer state.</param>
    /// <param name="IsAhead">The entry has changes that are not in Redis yet.</param>
    /// <param name="Unreadable">The version of a family in Redis that cannot be decrypted with this node's keys; null: none.</param>
    public sealed record Entry(
        TokenFamily? Family,
        long ReadAt,
        int News = 0,
        bool IsOutdated = false,
        bool IsAhead = false,
        long? Unreadable = null
    )
    {
        public long Version => Family?.Version ?? 0;
    }
}
