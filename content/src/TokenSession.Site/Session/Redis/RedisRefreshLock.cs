using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Uses a lock in Redis for each session: the node that has the lock refreshes. The lock ends with its lease, which is renewed while the
/// refresh runs. If it is not certain which node has the lock and the access token is still valid, the refresh is postponed.
/// </summary>
public sealed class RedisRefreshLock(
    RedisConnection redis,
    RedisKeys names,
    SessionChannel channel,
    SessionClock clock,
    IOptions<TokenSessionOptions> options
) : IRefreshLock
{
    /// <summary>How long to wait for a message of another node before Redis is asked again. A message can get lost.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public async Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    )
    {
        var (session, started) = (SharedTokenFamilyStore.Hash(sessionId), Stopwatch.GetTimestamp());
        var canPostpone = clock.GetUtcNow() < validUntil;
        var hasOtherOwner = false;
        while (Stopwatch.GetElapsedTime(started) < options.Value.RefreshTimeout + RefreshLease.Duration)
        {
            var lease = new RefreshLease();
            var isTaken = canPostpone && !redis.IsSettled ? null : await TakeAsync(session, lease);
            if (isTaken is true && await RunAsync(session, lease, recheck, refresh) is { } result)
            {
                return result;
            }

            if (isTaken is null && canPostpone)
            {
                var again = clock.GetUtcNow() + RedisConnection.SettlingTime;
                return Postpone(again < validUntil ? again : validUntil);
            }

            if (isTaken is null && redis.IsGone && !hasOtherOwner)
            {
                return await recheck() ?? await refresh();
            }

            // If isTaken is true, this node had the lock and lost it, perhaps to another node.
            hasOtherOwner |= isTaken is not null;
            await channel.WaitForChangeAsync(session, PollInterval);
            if (await recheck() is { } known)
            {
                return known;
            }
        }

        // Another node may have sent the refresh token, and its result is unknown. The token must not be sent twice.
        return Postpone(clock.GetUtcNow() + RefreshLease.Duration);
    }

    /// <summary>Takes the lock. Returns null if Redis is away.</summary>
    private async Task<bool?> TakeAsync(string session, RefreshLease lease)
    {
        var sent = RefreshLease.Renewal.Now;
        var answer = await redis.AskAsync(
            names.Lock(session),
            (database, key) => database.LockTakeAsync(key, lease.Owner, RefreshLease.Duration)
        );
        if (answer is { Value: true })
        {
            lease.Renewed(sent);
        }

        return answer?.Value;
    }

    /// <summary>Refreshes with the lock. Returns null if the lease ended before the refresh token was sent.</summary>
    private async Task<RefreshResult?> RunAsync(
        string session,
        RefreshLease lease,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    )
    {
        var outages = redis.Outages;
        using var done = new CancellationTokenSource();
        var renewal = RenewAsync(session, lease, done.Token);
        try
        {
            RefreshLease.Current = lease;
            var result = await RecheckUntilSettledAsync(recheck) ?? await refresh();
            return lease.WasLost ? null : result;
        }
        finally
        {
            // The time limit may have ended before the adapter sent the token. Then the adapter must not send it any more.
            RefreshLease.Current = null;
            lease.Lost();
            await done.CancelAsync();
            await renewal;

            // After an outage, the result may not be in Redis. Then the lock remains until its lease ends, so that no other node sends the
            // spent token.
            if (redis.Outages == outages)
            {
                await redis.AskAsync(names.Lock(session), (database, key) => database.LockReleaseAsync(key, lease.Owner));
            }
        }
    }

    /// <summary>Looks for the result of another node. After an outage, nodes need some time to write their results.</summary>
    private async Task<RefreshResult?> RecheckUntilSettledAsync(Func<Task<RefreshResult?>> recheck)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var known = await recheck();
            if (known is not null || redis.IsSettled || Stopwatch.GetElapsedTime(started) > RedisConnection.SettlingTime)
            {
                return known;
            }

            await Task.Delay(PollInterval);
        }
    }

    /// <summary>Renews the lease until the refresh has ended. If Redis has lost the lock, this node takes it again.</summary>
    private async Task RenewAsync(string session, RefreshLease lease, CancellationToken done)
    {
        using var timer = new PeriodicTimer(RefreshLease.Duration / 4);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                var sent = RefreshLease.Renewal.Now;
                var answer = await redis.AskAsync(
                    names.Lock(session),
                    (database, key) => database.LockExtendAsync(key, lease.Owner, RefreshLease.Duration)
                );
                if (answer is { Value: true })
                {
                    lease.Renewed(sent);
                }
                else if (answer is { Value: false })
                {
                    // If the refresh token was sent already, the lock is taken again so that no other node sends it.
                    lease.Lost();
                    await TakeAsync(session, lease);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The refresh has ended.
        }
    }

    private static RefreshResult Postpone(DateTimeOffset until) => new(RefreshOutcome.Postponed, RetryAt: until);
}
