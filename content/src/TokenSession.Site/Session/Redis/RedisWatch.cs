using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Redis;

/// <summary>Connects at the start, looks every second whether Redis answers, and brings this node up to date when it is back.</summary>
public sealed class RedisWatch(
    RedisConnection redis, RedisNotices notices, RedisLineageStore lineages, RedisClock clock, NotReadyYet gate,
    IDataProtectionProvider protection, IOptions<KeyManagementOptions> keys, ILogger<RedisWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), PauseWhileAway = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits for the first connection: a node whose Redis is there is ready as soon as it listens.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await redis.ConnectAsync();
        await LookAsync();
        if (gate.IsShut)
        {
            logger.NotReady();
        }

        if (keys.Value.XmlEncryptor is null)
        {
            logger.KeysLieOpen();
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(redis.IsUp ? Pause : PauseWhileAway, stoppingToken);
            await LookAsync();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            await notices.ListenAsync();
            var isBack = await redis.ProbeAsync(clock.AdjustAsync);
            if (redis.IsUp && gate.IsShut)
            {
                // Opens the key ring, or makes the first key.
                protection.CreateProtector(nameof(RedisWatch)).Protect([]);
                gate.Open();
            }

            if (isBack)
            {
                await lineages.TellWhatOthersMissedAsync();
            }
        }
        catch (Exception failure)
        {
            // Nothing may end this watch. It looks again in a second.
            logger.RedisWatchFailed(failure.GetType().Name);
        }
    }
}
