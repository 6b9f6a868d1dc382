using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// One clock for all nodes: the clock of this machine, corrected by the time of Redis. Nodes with different clocks would disagree on
/// whether a token is stale and when a grace period ends.
/// </summary>
public sealed class RedisClock(RedisNames names, [FromKeyedServices(RedisClock.OfThisMachine)] TimeProvider machine) : SessionClock(machine)
{
    /// <summary>The service key of the clock of this machine, without the correction.</summary>
    public const string OfThisMachine = "this machine's clock";

    // The write checks that Redis accepts writes: a full Redis or a replica still answers reads.
    private const string WriteTime = """
        local now = redis.call('TIME')
        redis.call('SET', KEYS[1], now[1], 'EX', 60)
        return now[1] * 1000 + math.floor(now[2] / 1000)
        """;

    private static readonly TimeSpan LongestWay = TimeSpan.FromMilliseconds(50);

    private long ahead;
    private bool isRight;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMilliseconds(Interlocked.Read(ref ahead));

    /// <summary>Corrects the clock by the time of Redis plus half of the round-trip time. A long round trip is ignored.</summary>
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
