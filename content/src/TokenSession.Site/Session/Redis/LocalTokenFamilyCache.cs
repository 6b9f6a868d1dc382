using System.Collections.Concurrent;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// What one node has read or written of families in the last minutes: so that it need not ask again within a second, and can go on, and
/// tell the others, when Redis fails. What Redis has not been told is never lost to something that was read.
/// </summary>
public sealed class LocalTokenFamilyCache(SessionClock time)
{
    /// <summary>How long what was read is taken for true.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    /// <summary>How long it is kept when nobody asks: if Redis loses its memory, it is told anew.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10),
        SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> entries = new();
    private long sweptAt = time.GetTimestamp();

    /// <summary>Every family that is nearby.</summary>
    public IEnumerable<(string Hash, TokenFamily Family)> All =>
        entries.Where(entry => entry.Value.Family is not null).Select(entry => (entry.Key, entry.Value.Family!));

    public Entry? Find(string hash) => entries.GetValueOrDefault(hash);

    /// <summary>What need not be asked for; null where it must be.</summary>
    public Entry? FindCurrent(string hash) =>
        Find(hash) is { IsOutdated: false, IsAhead: false } entry && time.GetElapsedTime(entry.ReadAt) < GoodFor ? entry : null;

    /// <summary>Keeps what was read, unless what was nearby has changed since.</summary>
    /// <param name="hash">Of the session id.</param>
    /// <param name="known">What was nearby before it was read.</param>
    /// <param name="family">What Redis knows now.</param>
    /// <param name="unreadable">The version of what lies there and cannot be read.</param>
    public bool TryKeep(string hash, Entry? known, TokenFamily? family, long? unreadable)
    {
        Sweep();
        var kept = new Entry(family, time.GetTimestamp(), News: known?.News ?? 0, Unreadable: unreadable);
        return known is null ? entries.TryAdd(hash, kept) : entries.TryUpdate(hash, kept, known);
    }

    /// <summary>Redis has taken this one. Where something else is nearby by now, that has to be put together.</summary>
    public void Saved(string hash, TokenFamily? previous, TokenFamily next) =>
        entries.AddOrUpdate(
            hash,
            _ => new(next, time.GetTimestamp()),
            (_, known) =>
                known.Version == (previous?.Version ?? 0) ? new(next, time.GetTimestamp(), known.News) : known with { IsOutdated = true }
        );

    /// <summary>Redis is about to be told.</summary>
    public bool TryNote(string hash, TokenFamily previous, TokenFamily next) =>
        Find(hash) is { } known && known.Version == previous.Version && entries.TryUpdate(hash, known with { Family = next }, known);

    /// <summary>Redis does not answer: this node remembers by itself.</summary>
    public bool TrySaveAlone(string hash, TokenFamily? previous, TokenFamily next)
    {
        var saved = new Entry(next, time.GetTimestamp(), IsAhead: true);
        return Find(hash) is { } known
            ? known.Version == (previous?.Version ?? 0) && entries.TryUpdate(hash, saved with { News = known.News }, known)
            : previous is null && entries.TryAdd(hash, saved);
    }

    /// <summary>There is news: from now on this has to be asked for.</summary>
    public void Outdate(string hash)
    {
        while (
            entries.TryGetValue(hash, out var known)
            && !entries.TryUpdate(hash, known with { IsOutdated = true, News = known.News + 1 }, known)
        )
        {
            // Somebody else changed it at this moment: once more.
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

    /// <summary>What this node knows of one session.</summary>
    /// <param name="Family">Null: nothing is remembered.</param>
    /// <param name="ReadAt">When it was read or written; a timestamp.</param>
    /// <param name="News">How often others told of news, so that a reading that was under way then does not count.</param>
    /// <param name="IsOutdated">Others know more.</param>
    /// <param name="IsAhead">Redis knows less.</param>
    /// <param name="Unreadable">The version of what lies in Redis and cannot be read with this node's keys.</param>
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
