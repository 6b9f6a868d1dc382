using System.Collections.Concurrent;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Lineages that all nodes share. What was read is kept nearby for a second, or until another node tells of news: most requests ask Redis
/// nothing. While Redis is away this node remembers by itself, and tells the others afterwards.
/// </summary>
public sealed class RedisLineageStore : ILineageStore
{
    private const string SaveIfUnchanged =
        """
        if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'v', ARGV[2], 'd', ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        redis.pcall('PUBLISH', ARGV[5], ARGV[6])
        return 1
        """;

    /// <summary>How old an answer may be.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    /// <summary>How long a lineage stays nearby when nobody asks for it: if Redis loses its memory, it is told anew.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly RedisConnection redis;
    private readonly RedisNames names;
    private readonly RedisNotices notices;
    private readonly LineageFormat format;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, Nearby> nearby = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<SessionLineage?>>> readings = new();
    private long sweptAt;

    public RedisLineageStore(RedisConnection redis, RedisNames names, RedisNotices notices, LineageFormat format, TimeProvider time)
    {
        (this.redis, this.names, this.notices, this.format, this.time) = (redis, names, notices, format, time);
        sweptAt = time.GetTimestamp();
        notices.Changed += hash => Outdate(hash);
    }

    public bool KnowsAll => redis.IsUp;

    public async ValueTask<SessionLineage?> FindAsync(string sessionId, bool latest = false)
    {
        var hash = RedisNames.Hash(sessionId);
        if (!latest && nearby.TryGetValue(hash, out var known) && known.IsCurrent(time))
        {
            return known.Lineage;
        }

        if (latest || !redis.IsUp)
        {
            return await ReadAsync(sessionId, hash);
        }

        // One question for all who ask at once. Whoever comes too late to join finds what it brought.
        var reading = readings.GetOrAdd(hash, _ => new(() => nearby.TryGetValue(hash, out var brought) && brought.IsCurrent(time)
            ? Task.FromResult(brought.Lineage)
            : ReadAsync(sessionId, hash)));
        try
        {
            return await reading.Value;
        }
        finally
        {
            readings.TryRemove(new(hash, reading));
        }
    }

    public async ValueTask<bool> TrySaveAsync(SessionLineage? previous, SessionLineage next)
    {
        Sweep();
        var hash = RedisNames.Hash(next.SessionId);
        switch (await SaveAsync(previous, next))
        {
            case true:
                Keep(hash, new(next, time.GetTimestamp(), IsAhead: false));
                return true;

            case false:
                Outdate(hash);
                return false;

            default:
                return SaveNearby(hash, previous, next);
        }
    }

    /// <summary>Whether this node knows something of this session that Redis has not been told.</summary>
    public bool KnowsMore(string sessionId) => nearby.GetValueOrDefault(RedisNames.Hash(sessionId)) is { IsAhead: true };

    /// <summary>Redis is back: what this node changed meanwhile goes there.</summary>
    public async Task TellWhatOthersMissedAsync()
    {
        foreach (var (hash, known) in nearby)
        {
            if (known is { IsAhead: true, Lineage: { } lineage })
            {
                await ReadAsync(lineage.SessionId, hash);
            }
        }
    }

    private async Task<SessionLineage?> ReadAsync(string sessionId, string hash)
    {
        var key = names.Lineage(sessionId);
        var read = time.GetTimestamp();
        if (await redis.AskAsync(database => database.HashGetAsync(key, ["v", "d"])) is not { Value: var fields })
        {
            return nearby.GetValueOrDefault(hash)?.Lineage;
        }

        var stored = fields[1].IsNull ? null : format.Read(sessionId, fields[1]!);
        if (stored is null && !fields[0].IsNull)
        {
            // Nobody can read it any more.
            await redis.AskAsync(database => database.KeyDeleteAsync(key));
        }

        if (nearby.GetValueOrDefault(hash) is { Lineage: { } mine } known && (known.IsAhead || mine.Version > (stored?.Version ?? 0)))
        {
            // Redis was away, or lost its memory, or gave way to a replica that was behind.
            var merged = stored is null ? mine : mine.MergedWith(stored);
            var isTold = await SaveAsync(stored, merged) is true;
            Keep(hash, new(merged, read, IsAhead: known.IsAhead && !isTold));
            return merged;
        }

        Keep(hash, new(stored, read, IsAhead: false));
        return stored;
    }

    /// <summary>Null when Redis does not answer.</summary>
    private async ValueTask<bool?> SaveAsync(SessionLineage? previous, SessionLineage next)
    {
        var life = (long)Math.Max(1, (next.ForgetAt - time.GetUtcNow()).TotalMilliseconds);
        RedisValue[] values =
        [
            previous?.Version ?? 0, next.Version, format.Write(next), life, names.News.ToString(), notices.About(next.SessionId),
        ];
        var answer = await redis.AskAsync(database => database.ScriptEvaluateAsync(SaveIfUnchanged, [names.Lineage(next.SessionId)], values));
        return answer is { Value: var saved } ? (int)saved is 1 : null;
    }

    private bool SaveNearby(string hash, SessionLineage? previous, SessionLineage next)
    {
        var saved = new Nearby(next, time.GetTimestamp(), IsAhead: true);
        return nearby.TryGetValue(hash, out var known)
            ? known.Version == (previous?.Version ?? 0) && nearby.TryUpdate(hash, saved, known)
            : previous is null && nearby.TryAdd(hash, saved);
    }

    /// <summary>Unless something newer is there already.</summary>
    private void Keep(string hash, Nearby read) =>
        nearby.AddOrUpdate(hash, read, (_, known) => known.Version > read.Version ? known : read);

    private void Outdate(string hash)
    {
        while (nearby.TryGetValue(hash, out var known) && !nearby.TryUpdate(hash, known with { ReadAt = null }, known))
        {
            // Somebody else was faster: once more.
        }
    }

    private void Sweep()
    {
        var last = Interlocked.Read(ref sweptAt);
        if (time.GetElapsedTime(last) < GoodFor * 60 || Interlocked.CompareExchange(ref sweptAt, time.GetTimestamp(), last) != last)
        {
            return;
        }

        var now = time.GetUtcNow();
        foreach (var entry in nearby.Where(entry => entry.Value is { IsAhead: true, Lineage: { } lineage } ? lineage.ForgetAt <= now : entry.Value.IsOlderThan(KeptFor, time)))
        {
            nearby.TryRemove(entry);
        }
    }

    /// <summary>What this node remembers of a session, and since when; with <paramref name="IsAhead"/>, Redis has not been told yet.</summary>
    private sealed record Nearby(SessionLineage? Lineage, long? ReadAt, bool IsAhead)
    {
        public int Version => Lineage?.Version ?? 0;

        public bool IsCurrent(TimeProvider time) => !IsOlderThan(GoodFor, time);

        public bool IsOlderThan(TimeSpan age, TimeProvider time) => ReadAt is not { } readAt || time.GetElapsedTime(readAt) >= age;
    }
}
