using System.Collections.Concurrent;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Stores the token families that all nodes share. A node caches a family for a second, or until another node reports a change, so most
/// requests do not call Redis. While Redis is away, a node keeps its changes in the cache and writes them afterwards.
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
    private readonly RedisKeys names;
    private readonly SessionChannel channel;
    private readonly TokenFamilySerializer serializer;
    private readonly TokenFamilyCache cache;
    private readonly SessionClock clock;
    private readonly ILogger<RedisTokenFamilyStore> logger;
    private readonly ConcurrentDictionary<string, Lazy<Task<TokenFamily?>>> reads = new();

    public RedisTokenFamilyStore(
        RedisConnection redis,
        RedisKeys names,
        SessionChannel channel,
        TokenFamilySerializer serializer,
        TokenFamilyCache cache,
        SessionClock clock,
        ILogger<RedisTokenFamilyStore> logger
    )
    {
        (this.redis, this.names, this.channel, this.serializer) = (redis, names, channel, serializer);
        (this.cache, this.clock, this.logger) = (cache, clock, logger);
        channel.Changed += cache.Invalidate;
    }

    public bool IsAuthoritative => redis.IsSettled;

    public async ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false)
    {
        var session = RedisKeys.Hash(sessionId);
        if (bypassCache)
        {
            return await ReadAsync(sessionId, session);
        }

        // Requests that arrive together share one read.
        return cache.Find(session) is { } entry && cache.IsFresh(entry)
            ? entry.Family
            : await reads.GetOrAdd(session, _ => new(() => ReadOnceAsync(sessionId, session))).Value;
    }

    public async ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next)
    {
        var session = RedisKeys.Hash(next.SessionId);
        var known = cache.Find(session);
        if (known is not null && known.Family?.Version != previous?.Version)
        {
            return false;
        }

        if (redis.IsUp && previous is not null && Rank(previous) == Rank(next))
        {
            // Only a first-seen time, the user activity or a refusal has changed. The request does not wait for this write.
            if (!cache.TryReplace(session, known, next))
            {
                return false;
            }

            Detached.Run(() => LogFailureAsync(SaveAsync(session, previous.Version, next)));
            return true;
        }

        switch (await SaveAsync(session, previous?.Version ?? 0, next))
        {
            case true:
                cache.TryReplace(session, known, next);
                return true;

            case false:
                return false;

            default:
                // RedisMonitor writes it when Redis is back.
                return cache.TryReplace(session, known, next, isUnsaved: true);
        }
    }

    /// <summary>Writes the cached families to Redis after an outage: Redis may not have them.</summary>
    public Task WriteAllAsync(CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            cache.Families,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (family, _) => await LogFailureAsync(ReadAsync(family.SessionId, RedisKeys.Hash(family.SessionId)))
        );

    /// <summary>A family that cannot be written must not keep the others from being written.</summary>
    private async Task LogFailureAsync(Task write)
    {
        try
        {
            await write;
        }
        catch (Exception exception)
        {
            logger.SaveFailed(exception);
        }
    }

    private async Task<TokenFamily?> ReadOnceAsync(string sessionId, string session)
    {
        try
        {
            return await ReadAsync(sessionId, session);
        }
        finally
        {
            reads.TryRemove(session, out _);
        }
    }

    /// <summary>Reads a family. If this node knows a later state, that is written: Redis was away, lost its data, or failed over to a replica
    /// with older data.</summary>
    private async Task<TokenFamily?> ReadAsync(string sessionId, string session)
    {
        while (true)
        {
            var known = cache.Find(session);
            var answer = await redis.AskAsync(
                names.Family(session),
                (database, key) => database.HashGetAsync(key, ["v", "d"], CommandFlags.DemandMaster)
            );
            if (answer is not { Value: [var version, var data] })
            {
                return cache.Find(session)?.Family;
            }

            var stored = data.IsNull ? null : serializer.Read(sessionId, data!);
            if (stored is null && !version.IsNull)
            {
                // The key that decrypts it is lost, so no ticket of this session can be decrypted either.
                await redis.AskAsync(names.Family(session), (database, key) => database.KeyDeleteAsync(key));
                version = RedisValue.Null;
            }

            if (Rank(known?.Family).CompareTo(Rank(stored)) > 0)
            {
                await SaveAsync(session, version.IsNull ? 0 : (long)version, known!.Family!);
                if (redis.IsUp)
                {
                    continue;
                }

                return known.Family;
            }

            if (cache.TryReplace(session, known, stored))
            {
                return stored;
            }
        }
    }

    /// <summary>Saves a family if the version in Redis is unchanged. Returns null if Redis does not answer.</summary>
    private async Task<bool?> SaveAsync(string session, long version, TokenFamily next)
    {
        var lifetime = (long)Math.Max(1, (next.ExpiresAt - clock.GetUtcNow()).TotalMilliseconds);
        RedisValue[] values =
        [
            version,
            next.Version,
            serializer.Write(next),
            lifetime,
            names.Channel.ToString(),
            channel.MessageOf(session),
        ];
        var answer = await redis.AskAsync(
            names.Family(session),
            (database, key) => database.ScriptEvaluateAsync(SaveIfUnchanged, [key], values)
        );
        if (answer is { Value: var saved } && (int)saved is 0)
        {
            cache.Invalidate(session);
        }

        return answer is null ? null : (int)answer.Value.Value is 1;
    }

    /// <summary>Of two states that nodes made while they could not reach each other, the higher one counts: first the end of the session, then
    /// the newer tokens.</summary>
    private static (bool IsEnded, int Generation, int RevokedThrough) Rank(TokenFamily? family) =>
        family is null ? (false, -1, -1) : (family.IsRevoked(TokenFamily.AllGenerations), family.Generation, family.RevokedThrough);
}
