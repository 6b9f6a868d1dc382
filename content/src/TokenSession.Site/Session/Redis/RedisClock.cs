using System.Diagnostics;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// One clock for all nodes: the clock of this node, corrected by the time of Redis. Nodes with different clocks would disagree on whether a
/// token is stale and when a grace period ends.
/// </summary>
public sealed class RedisClock(TimeProvider time, ILogger<RedisClock> logger) : SessionClock(time)
{
    // The write checks that Redis accepts writes: a full Redis or a replica still answers reads.
    private const string WriteTime = """
        local now = redis.call('TIME')
        redis.call('SET', KEYS[1], now[1], 'EX', 60)
        return now[1] * 1000 + math.floor(now[2] / 1000)
        """;

    /// <summary>A larger difference is an error of one of the clocks. It is not corrected: tokens and sessions would expire at
    /// once.</summary>
    private static readonly TimeSpan MaxCorrection = TimeSpan.FromMinutes(1);

    /// <summary>With a slower answer, the time is too inexact.</summary>
    private static readonly TimeSpan MaxRoundTrip = TimeSpan.FromMilliseconds(50);

    private long correction;
    private bool isSynchronized,
        isWarned;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref correction));

    /// <summary>Corrects the clock by the time of Redis plus half of the round-trip time. This command is also the probe of the
    /// connection.</summary>
    public async Task<bool> SynchronizeAsync(IDatabase database, RedisKey key)
    {
        var sent = Stopwatch.GetTimestamp();
        var answer = (long)await database.ScriptEvaluateAsync(WriteTime, [key]);
        var roundTrip = Stopwatch.GetElapsedTime(sent);
        if (roundTrip < MaxRoundTrip || !isSynchronized)
        {
            var difference = DateTimeOffset.FromUnixTimeMilliseconds(answer) + (roundTrip / 2) - base.GetUtcNow();
            if (difference.Duration() <= MaxCorrection)
            {
                Interlocked.Exchange(ref correction, difference.Ticks);
                (isSynchronized, isWarned) = (true, false);
            }
            else
            {
                Interlocked.Exchange(ref correction, 0);
                if (!isWarned)
                {
                    isWarned = true;
                    logger.ClocksDiffer(difference);
                }
            }
        }

        return true;
    }
}
