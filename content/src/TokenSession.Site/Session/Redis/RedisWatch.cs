using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Redis;

/// <summary>Connects at startup, probes Redis every second, and writes the changes of this node when Redis is back.</summary>
public sealed class RedisWatch(
    RedisConnection redis,
    RedisNames names,
    RedisNotices notices,
    RedisTokenFamilyStore families,
    RedisClock clock,
    NotReadyYet gate,
    IDataProtectionProvider protection,
    IOptions<KeyManagementOptions> keys,
    ILogger<RedisWatch> logger
) : BackgroundService
{
    private const int LooksForKeys = 20;

    private const string MayRead = """
        if redis.call('LLEN', KEYS[1]) > 0 then return 1 end
        return redis.call('SET', KEYS[2], '1', 'NX', 'PX', 5000) and 1 or 0
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1),
        PauseWhileAway = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits for the first connection, so that a node is ready as soon as it listens if Redis is available.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await redis.ConnectAsync();
        await LookAsync(cancellationToken);
        for (var look = 0; look < LooksForKeys && redis.IsUp && gate.IsShut; look++)
        {
            await Task.Delay(PauseWhileAway, cancellationToken);
            await LookAsync(cancellationToken);
        }

        if (gate.IsShut)
        {
            logger.NotReady(redis.LastFailure);
        }

        if (keys.Value.XmlEncryptor is null)
        {
            logger.KeysNotEncrypted();
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(redis.IsUp && !gate.IsShut ? Pause : PauseWhileAway, stoppingToken);
            await LookAsync(stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var isBack = await redis.ProbeAsync(clock.AdjustAsync);
            await notices.ListenAsync();
            if (gate.IsShut && await MayReadKeysAsync())
            {
                // Reads the key ring, or creates the first key.
                protection.CreateProtector(nameof(RedisWatch)).Protect([]);
                gate.Open();
            }

            if (isBack)
            {
                await families.WriteCachedFamiliesAsync(cancellationToken);
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // The watch must not end. The next probe follows.
            logger.RedisWatchFailed(failure);
        }
    }

    /// <summary>Determines whether this node may read the keys. If there are none, one node creates the first key: two nodes that create
    /// one at the same time may not see each other's key for a day.</summary>
    private async Task<bool> MayReadKeysAsync()
    {
        var answer = await redis.AskAsync(database => database.ScriptEvaluateAsync(MayRead, [names.Keys, names.FirstKey]));
        return answer is { Value: var may } && (int)may is 1;
    }
}
