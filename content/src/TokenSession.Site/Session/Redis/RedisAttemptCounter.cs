using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>Counts the attempts at all nodes together. While Redis is away, each node counts its own attempts.</summary>
/// <remarks>
/// The value of a key is the time at which all counted attempts are forgotten, by the clock of Redis (the generic cell rate algorithm). The
/// later this time, the fewer attempts are left. If it is later than one period from now, the clock was wrong, and the value is ignored.
/// </remarks>
public sealed class RedisAttemptCounter(RedisConnection redis, RedisKeys names, InMemoryAttemptCounter local) : IAttemptCounter
{
    private const string UsedUntil = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local used = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
        if used - now > tonumber(ARGV[1]) then used = now end
        """;

    private const string Remaining = UsedUntil + "\nreturn math.floor((ARGV[1] - (used - now)) / ARGV[2] + 0.001)";

    private const string Count =
        UsedUntil
        + "\nused = math.min(used + ARGV[2], now + ARGV[1])\nreturn redis.call('SET', KEYS[1], used, 'PX', math.ceil(used - now))";

    public async ValueTask<int> GetRemainingAsync(string key, AttemptLimit limit) =>
        await AskAsync(Remaining, key, limit) is { Value: var remaining } ? (int)remaining : await local.GetRemainingAsync(key, limit);

    public async ValueTask CountAsync(string key, AttemptLimit limit)
    {
        await local.CountAsync(key, limit);
        await AskAsync(Count, key, limit);
    }

    private ValueTask<Answer<RedisResult>?> AskAsync(string script, string key, AttemptLimit limit) =>
        redis.AskAsync(
            names.Attempts(limit.Name, key),
            (database, counted) =>
                database.ScriptEvaluateAsync(script, [counted], [limit.Period.TotalMilliseconds, limit.Interval.TotalMilliseconds])
        );
}
