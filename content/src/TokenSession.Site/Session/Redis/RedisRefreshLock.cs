using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// A lock in Redis for each session: its holder refreshes. The lock is a lease, renewed while the refresh runs, so a node that dies delays
/// the others by no more than the lease. While the backend is not to be called, the lock keeps all nodes from calling it. Where it is not
/// certain which node holds the lock, a refresh ahead of time is postponed: the access token is still valid.
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

    // Redis may have lost it meanwhile.
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

    /// <summary>A node that is alive renews it four times before it runs out; one that is dead keeps a page waiting for no longer.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);

    /// <summary>A notice may get lost.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Nodes tell what others missed within a second or two.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    /// <summary>When a refresh that was put off is tried again.</summary>
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
                // Redis hears this after the question, whenever it comes to.
                _ = LeaveAsync(turn, me, sessionId, result: null);
                return PostponeEarly(validUntil);
            }

            if (holder is null && !isBehindOthers && await redis.IsGoneAsync())
            {
                // This node goes on by itself, and has the turn should Redis come back meanwhile.
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

        // Another node was refreshing and cannot be heard of: its token must not be sent twice.
        return Postponed(time.GetUtcNow() + Lease);
    }

    /// <summary>Who has the turn now; null when Redis does not say.</summary>
    private async Task<string?> AskForTurnAsync(RedisKey turn, string me, bool isAhead)
    {
        Task<RedisResult> Ask(IDatabase database) => database.ScriptEvaluateAsync(Take, [turn], [me, (long)Lease.TotalMilliseconds]);
        var answer = isAhead ? await redis.AskInPassingAsync(Ask) : await redis.AskAsync(Ask);
        return answer?.Value.ToString();
    }

    private static RefreshResult Postponed(DateTimeOffset until) => new(RefreshOutcome.Postponed, RetryAt: until);

    private RefreshResult PostponeEarly(DateTimeOffset validUntil)
    {
        var again = time.GetUtcNow() + TryAgainAfter;
        return Postponed(again < validUntil ? again : validUntil);
    }

    /// <summary>Looks again for a while where what another node has stored could not be read, or may not be told yet.</summary>
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
        if (families.KnowsMore(sessionId))
        {
            // What came of it could not be stored. Until it is, or the lease is over, nobody else may send the spent token.
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
