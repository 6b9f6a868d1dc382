using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// One clock for all nodes: this machine's, put right by the time of Redis. Nodes whose clocks differ would disagree on what is stale, and
/// on when the grace of a cookie is over.
/// </summary>
public sealed class RedisClock(RedisNames names, [FromKeyedServices(RedisClock.OfThisMachine)] TimeProvider machine) : SessionClock(machine)
{
    /// <summary>The key of the service that tells this machine's own time.</summary>
    public const string OfThisMachine = "this machine's clock";

    // Writing the time down proves that Redis takes writes: one that is full, or a replica, still answers reads.
    private const string WriteTime = """
        local now = redis.call('TIME')
        redis.call('SET', KEYS[1], now[1], 'EX', 60)
        return now[1] * 1000 + math.floor(now[2] / 1000)
        """;

    private static readonly TimeSpan LongestWay = TimeSpan.FromMilliseconds(50);

    private long ahead;
    private bool isRight;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMilliseconds(Interlocked.Read(ref ahead));

    /// <summary>Puts the clock right; half the way to Redis and back is taken into account, and a long way tells too little.</summary>
    public async Task AdjustAsync(IDatabase redis)
    {
        var asked = GetTimestamp();
        var answer = (long)await redis.ScriptEvaluateAsync(WriteTime, [names.Probe]);
        var way = GetElapsedTime(asked);
        if (way < LongestWay || !isRight)
        {
            var now = answer + (way / 2).TotalMilliseconds;
            Interlocked.Exchange(ref ahead, (long)(now - base.GetUtcNow().ToUnixTimeMilliseconds()));
            isRight = true;
        }
    }
}
