using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// A lock in Redis for each session. The node that holds it refreshes. The lock is a lease that is renewed while the refresh runs, so a
/// node that crashes delays the others by at most the lease. While the backend must not be called, the lock stops all nodes. If it is not
/// certain which node holds the lock and the access token is still valid, the refresh is postponed.
/// </summary>
public sealed class RedisRefreshLock(
    RedisConnection redis,
    RedisNames names,
    RedisNotices notices,
    RedisTokenFamilyStore families,
    SessionClock time,
    IOptions<TokenSessionOptions> options,
    [FromKeyedServices(RedisClock.OfThisMachine)] TimeProvider machine
) : IRefreshLock
{
    private const string Take = """
        local holder = redis.call('GET', KEYS[1])
        if holder then return holder end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return ARGV[1]
        """;

    // If Redis has lost the lock in the meantime, this node takes it again.
    private const string Renew = """
        local holder = redis.call('GET', KEYS[1])
        return (not holder or holder == ARGV[1]) and redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        """;

    private const string Leave = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        if ARGV[3] == '0' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
        redis.pcall('PUBLISH', ARGV[4], ARGV[5])
        return 1
        """;

    private const string PausedUntil = "until ";

    /// <summary>How long the lock is held without renewal. It is renewed four times in this period.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);

    /// <summary>How long to wait for a message before the token family is read again. A message can get lost.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>How long to look for the result of another node. Nodes write their changes in this time after Redis is back.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    /// <summary>Delay before a postponed refresh is tried again.</summary>
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(2);

    public async Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    )
    {
        var (turn, me, started) = (names.Lock(sessionId), Guid.NewGuid().ToString("n"), machine.GetTimestamp());
        var isAhead = time.GetUtcNow() < validUntil;
        var isBehindOthers = false;
        while (machine.GetElapsedTime(started) < options.Value.RefreshTimeout + Lease)
        {
            if (isAhead && !redis.IsSettled)
            {
                return PostponeEarly(validUntil);
            }

            using var news = notices.Watch(sessionId);
            var holder = await AskForTurnAsync(turn, me, isAhead);
            if (holder == me)
            {
                return await HoldAsync(turn, me, sessionId, async () => await RecheckAsync(recheck) ?? await refresh());
            }

            if (holder is null && isAhead)
            {
                // Redis receives this after the request for the lock, so it also releases a lock that is granted late.
                _ = LeaveAsync(turn, me, sessionId, result: null);
                return PostponeEarly(validUntil);
            }

            if (holder is null && !isBehindOthers && await redis.IsGoneAsync())
            {
                // This node refreshes without the lock. If Redis comes back in the meantime, the renewal takes the lock.
                return await HoldAsync(turn, me, sessionId, async () => await recheck() ?? await refresh());
            }

            if (holder?.StartsWith(PausedUntil, StringComparison.Ordinal) is true)
            {
                return Postponed(
                    DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(holder[PausedUntil.Length..], CultureInfo.InvariantCulture))
                );
            }

            isBehindOthers |= holder is not null;
            await news.WaitAsync(LookAgainAfter);
            if (await recheck() is { } known)
            {
                return known;
            }
        }

        // Another node may have sent the refresh token, and its result is unknown. The token must not be sent twice.
        return Postponed(time.GetUtcNow() + Lease);
    }

    /// <summary>Requests the lock. Returns its holder; null if Redis does not answer.</summary>
    private async Task<string?> AskForTurnAsync(RedisKey turn, string me, bool isAhead)
    {
        Task<RedisResult> Ask(IDatabase database) => database.ScriptEvaluateAsync(Take, [turn], [me, (long)Lease.TotalMilliseconds]);
        var answer = isAhead ? await redis.AskOptionalAsync(Ask) : await redis.AskAsync(Ask);
        return answer?.Value.ToString();
    }

    private static RefreshResult Postponed(DateTimeOffset until) => new(RefreshOutcome.Postponed, RetryAt: until);

    private RefreshResult PostponeEarly(DateTimeOffset validUntil)
    {
        var again = time.GetUtcNow() + TryAgainAfter;
        return Postponed(again < validUntil ? again : validUntil);
    }

    /// <summary>Looks for the result of another node. Repeats that for about two seconds if the result may not be in Redis yet.</summary>
    private async Task<RefreshResult?> RecheckAsync(Func<Task<RefreshResult?>> recheck)
    {
        var started = machine.GetTimestamp();
        while (true)
        {
            var known = await recheck();
            var hasWaited = redis.IsUp && machine.GetElapsedTime(started) > LongestLook;
            if (known is not null || redis.IsSettled || hasWaited || await redis.IsGoneAsync())
            {
                return known;
            }

            await Task.Delay(LookAgainAfter);
        }
    }

    private async Task<RefreshResult> HoldAsync(RedisKey turn, string me, string sessionId, Func<Task<RefreshResult>> refresh)
    {
        using var done = new CancellationTokenSource();
        var renewal = RenewAsync(turn, me, done.Token);
        RefreshResult? result = null;
        try
        {
            return result = await refresh();
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
            await LeaveAsync(turn, me, sessionId, result);
        }
    }

    private async Task RenewAsync(RedisKey turn, string me, CancellationToken done)
    {
        using var timer = new PeriodicTimer(Lease / 4, machine);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                await redis.AskAsync(database => database.ScriptEvaluateAsync(Renew, [turn], [me, (long)Lease.TotalMilliseconds]));
            }
        }
        catch (OperationCanceledException)
        {
            // The refresh has ended.
        }
    }

    private async Task LeaveAsync(RedisKey turn, string me, string sessionId, RefreshResult? result)
    {
        if (families.HasUnsavedChanges(sessionId))
        {
            // The result is not in Redis yet. The lock remains until its lease expires, so that no other node sends the spent token.
            return;
        }

        var until = result?.RetryAt ?? DateTimeOffset.MinValue;
        var wait = (long)Math.Max(0, (until - time.GetUtcNow()).TotalMilliseconds);
        RedisValue[] values =
        [
            me,
            string.Create(CultureInfo.InvariantCulture, $"{PausedUntil}{until.ToUnixTimeMilliseconds()}"),
            wait,
            names.News.ToString(),
            notices.About(sessionId),
        ];
        await redis.AskAsync(database => database.ScriptEvaluateAsync(Leave, [turn], values));
    }
}
