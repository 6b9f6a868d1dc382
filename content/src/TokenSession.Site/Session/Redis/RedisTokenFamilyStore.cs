using System.Collections.Concurrent;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Stores the token families that all nodes share. A node caches a family for a second, or until another node reports a change, so most
/// requests do not call Redis. While Redis is away, a node keeps its changes in memory and writes them to Redis afterwards.
/// </summary>
public sealed class RedisTokenFamilyStore : ITokenFamilyStore
{
    private const string SaveIfUnchanged = """
        if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'v', ARGV[2], 'd', ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        redis.pcall('PUBLISH', ARGV[5], ARGV[6])
        return 1
        """;

    private readonly RedisConnection redis;
    private readonly RedisNames names;
    private readonly RedisNotices notices;
    private readonly TokenFamilySerializer format;
    private readonly SessionClock time;
    private readonly LocalTokenFamilyCache cache;
    private readonly ConcurrentDictionary<string, Lazy<Task<TokenFamily?>>> readings = new();

    public RedisTokenFamilyStore(
        RedisConnection redis,
        RedisNames names,
        RedisNotices notices,
        TokenFamilySerializer format,
        SessionClock time
    )
    {
        (this.redis, this.names, this.notices, this.format, this.time) = (redis, names, notices, format, time);
        cache = new(time);
        notices.Changed += cache.Outdate;
    }

    public bool IsAuthoritative => redis.IsSettled;

    public async ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false)
    {
        var hash = RedisNames.Hash(sessionId);
        if (!redis.IsUp)
        {
            return cache.Find(hash)?.Family;
        }

        if (bypassCache)
        {
            return await ReadAsync(sessionId, hash, isOptional: false);
        }

        if (cache.FindCurrent(hash) is { } known)
        {
            return known.Family;
        }

        // Concurrent requests share one read. A request that comes directly after the read finds the result in the cache.
        var reading = readings.GetOrAdd(
            hash,
            _ =>
                new(() =>
                    cache.FindCurrent(hash) is { } cached ? Task.FromResult(cached.Family) : ReadAsync(sessionId, hash, isOptional: true)
                )
        );
        try
        {
            return await reading.Value;
        }
        finally
        {
            readings.TryRemove(new(hash, reading));
        }
    }

    public async ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next)
    {
        var hash = RedisNames.Hash(next.SessionId);
        var stored = previous?.Version ?? cache.Find(hash)?.Unreadable ?? 0;
        if (redis.IsUp && previous is not null && previous.Generation == next.Generation && previous.RevokedThrough == next.RevokedThrough)
        {
            // Only a first-seen time, the user activity or a refusal has changed. The request does not wait for this write.
            if (!cache.TryNote(hash, previous, next))
            {
                return false;
            }

            _ = SaveInBackgroundAsync(stored, hash, next);
            return true;
        }

        // New tokens wait longer for Redis than other changes: no other node can get these tokens from the backend.
        switch (await SaveAsync(stored, next, isOptional: next.Generation == (previous?.Generation ?? 0)))
        {
            case true:
                cache.Saved(hash, previous, next);
                return true;

            case false:
                // The next attempt needs the family in Redis, and an optional read might skip it.
                cache.Outdate(hash);
                await ReadAsync(next.SessionId, hash, isOptional: false);
                return false;

            default:
                if (!cache.TrySaveAlone(hash, previous, next))
                {
                    return false;
                }

                // If Redis is only slow, this writes the change as soon as Redis answers. Otherwise, it is written when Redis is back.
                _ = ReadAsync(next.SessionId, hash, isOptional: false);
                return true;
        }
    }

    /// <summary>Determines whether this node has changes of this session that are not in Redis yet.</summary>
    public bool HasUnsavedChanges(string sessionId) => cache.Find(RedisNames.Hash(sessionId)) is { IsAhead: true };

    /// <summary>Writes the cached families to Redis after it is back. Redis may have lost data that it had.</summary>
    public Task WriteCachedFamiliesAsync(CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            cache.All,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (entry, _) => await ReadAsync(entry.Family.SessionId, entry.Hash, isOptional: false)
        );

    /// <summary>Reads a family. If this node has a newer state, it is merged and written: Redis was away, lost its data, or failed over to
    /// a replica with older data.</summary>
    private async Task<TokenFamily?> ReadAsync(string sessionId, string hash, bool isOptional)
    {
        var key = names.Family(sessionId);
        Task<RedisValue[]> Ask(IDatabase database) => database.HashGetAsync(key, ["v", "d"], CommandFlags.DemandMaster);
        while (true)
        {
            var known = cache.Find(hash);
            var answer = isOptional ? await redis.AskOptionalAsync(Ask) : await redis.AskAsync(Ask);
            if (answer is not { Value: var fields })
            {
                return cache.Find(hash)?.Family;
            }

            var stored = fields[1].IsNull ? null : format.Read(sessionId, fields[1]!);
            var version = fields[0].IsNull ? 0 : (long)fields[0];
            var all = known?.Family is not { } mine || stored?.IsSupersetOf(mine) is true ? stored : stored?.MergeWith(mine) ?? mine;
            if (all != stored && await SaveAsync(version, all!) is not true)
            {
                if (redis.IsUp)
                {
                    // Another node saved first. Read again.
                    continue;
                }

                return all;
            }

            var isUnreadable = all is null && version > 0;
            if (cache.TryKeep(hash, known, all, isUnreadable ? version : null))
            {
                return all;
            }
        }
    }

    private async Task SaveInBackgroundAsync(long stored, string hash, TokenFamily next)
    {
        if (await SaveAsync(stored, next) is false)
        {
            // Another node saved first. The read merges both changes.
            await ReadAsync(next.SessionId, hash, isOptional: false);
        }
    }

    /// <summary>Saves a family if the version in Redis is unchanged. Returns null if Redis does not answer.</summary>
    private async ValueTask<bool?> SaveAsync(long stored, TokenFamily next, bool isOptional = false)
    {
        var life = (long)Math.Max(1, (next.ExpiresAt - time.GetUtcNow()).TotalMilliseconds);
        RedisValue[] values = [stored, next.Version, format.Write(next), life, names.News.ToString(), notices.About(next.SessionId)];
        Task<RedisResult> Ask(IDatabase database) => database.ScriptEvaluateAsync(SaveIfUnchanged, [names.Family(next.SessionId)], values);
        var answer = isOptional ? await redis.AskOptionalAsync(Ask) : await redis.AskAsync(Ask);
        return answer is { Value: var saved } ? (int)saved is 1 : null;
    }
}
