using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>Stores the token families that all nodes share. A node reads a family again after another node has reported a change.</summary>
public sealed class RedisTokenFamilyStore : SharedTokenFamilyStore
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

    public RedisTokenFamilyStore(
        RedisConnection redis,
        RedisKeys names,
        SessionChannel channel,
        TokenFamilySerializer serializer,
        TokenFamilyCache cache,
        SessionClock clock,
        ILogger<RedisTokenFamilyStore> logger
    )
        : base(cache, logger)
    {
        (this.redis, this.names, this.channel, this.serializer) = (redis, names, channel, serializer);
        (this.cache, this.clock, this.logger) = (cache, clock, logger);
        channel.Changed += cache.Invalidate;
    }

    public override bool IsAuthoritative => redis.IsSettled;

    /// <summary>Writes the states that this node knows and Redis does not have, after an outage.</summary>
    public Task WriteAllAsync(CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            cache.Families,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (family, _) =>
            {
                try
                {
                    await ReadAsync(family.SessionId, Hash(family.SessionId));
                }
                catch (Exception exception)
                {
                    // If one family cannot be written, the others still are.
                    logger.SaveFailed(exception);
                }
            }
        );

    protected override async ValueTask<Answer<TokenFamily?>?> LoadAsync(string sessionId, string session)
    {
        var answer = await redis.AskAsync(
            names.Family(session),
            (database, key) => database.HashGetAsync(key, "d", CommandFlags.DemandMaster)
        );
        if (answer is not { Value: var data })
        {
            return null;
        }

        var stored = data.IsNull ? null : serializer.Read(sessionId, data!);
        if (stored is null && !data.IsNull)
        {
            // The key that decrypts it is lost, so no ticket of this session can be decrypted either.
            await redis.AskAsync(names.Family(session), (database, key) => database.KeyDeleteAsync(key));
        }

        return new(stored);
    }

    protected override async ValueTask<bool?> SaveAsync(string session, long version, TokenFamily next)
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
        return answer is { Value: var saved } ? (int)saved is 1 : null;
    }
}
