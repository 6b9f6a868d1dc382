using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>Connects before the site starts, probes Redis every second, and writes what Redis does not have after an outage.</summary>
public sealed class RedisMonitor(
    RedisConnection redis,
    RedisKeys names,
    SessionChannel channel,
    RedisTokenFamilyStore families,
    RedisClock clock,
    IDataProtectionProvider protection,
    IOptions<KeyManagementOptions> keys,
    ILogger<RedisMonitor> logger
) : BackgroundService
{
    /// <summary>How long the start waits for Redis.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1),
        IntervalWhileAway = TimeSpan.FromMilliseconds(250);

    /// <exception cref="InvalidOperationException">Redis does not answer, or refuses this site.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var started = clock.GetTimestamp(); !await IsReadyAsync(); await Task.Delay(IntervalWhileAway, cancellationToken))
        {
            if (RedisFailure.IsWrongUser(redis.LastFailure) || clock.GetElapsedTime(started) > StartTimeout)
            {
                throw new InvalidOperationException(
                    $"This site cannot start without Redis, which has the keys of its sessions (ConnectionStrings:Redis). {redis.Cause}",
                    redis.LastFailure
                );
            }
        }

        if (keys.Value.XmlEncryptor is null)
        {
            logger.KeysNotEncrypted();
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var mustWrite = false;
        while (true)
        {
            await Task.Delay(redis.IsUp ? Interval : IntervalWhileAway, stoppingToken);
            try
            {
                mustWrite |= await redis.ProbeAsync(names.Probe, clock.SynchronizeAsync) | redis.TakeReconnected();
                if (mustWrite && redis.IsUp)
                {
                    await families.WriteAllAsync(stoppingToken);
                    mustWrite = !redis.IsUp;
                }

                await channel.SubscribeAsync();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The next probe follows.
                logger.ProbeFailed(exception);
            }
        }
    }

    /// <summary>Whether Redis answers and this node has the keys. If there are no keys, only one node creates the first one: of two nodes
    /// that create keys at the same time, neither may see the key of the other for a day.</summary>
    private async Task<bool> IsReadyAsync()
    {
        if (!await redis.TryConnectAsync())
        {
            return false;
        }

        await redis.ProbeAsync(names.Probe, clock.SynchronizeAsync);
        await channel.SubscribeAsync();
        var stored = await redis.AskAsync(names.DataProtection, (database, key) => database.ListLengthAsync(key));
        var isReady =
            stored is { Value: > 0 }
            || await redis.AskAsync(
                names.FirstDataProtectionKey,
                (database, key) => database.StringSetAsync(key, "1", TimeSpan.FromSeconds(5), When.NotExists)
            )
                is { Value: true };
        if (isReady)
        {
            // Reads the key ring, or creates the first key.
            try
            {
                protection.CreateProtector(nameof(RedisMonitor)).Protect([]);
            }
            catch (Exception exception) when (RedisConnection.IsOutage(exception))
            {
                return false;
            }
        }

        return isReady;
    }
}
