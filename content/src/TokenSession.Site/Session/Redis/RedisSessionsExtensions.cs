using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// What any number of nodes share once <c>ConnectionStrings:Redis</c> is set: lineages, the turn to refresh a session, one clock, and the
/// keys that tickets are encrypted with. Whatever of it fails, a node goes on by itself, and signs nobody out.
/// </summary>
internal static class RedisSessionsExtensions
{
    public static void AddRedisSessions(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(Parse(connectionString));
        services.AddSingleton<RedisConnection>();
        services.AddSingleton<RedisNames>();
        services.AddSingleton<RedisNotices>();
        services.AddSingleton<LineageFormat>();
        services.AddSingleton<RedisLineageStore>();
        services.AddSingleton<ILineageStore>(provider => provider.GetRequiredService<RedisLineageStore>());
        services.AddSingleton<IRefreshTurns, RedisRefreshTurns>();

        services.TryAddKeyedSingleton(RedisClock.OfThisMachine, TimeProvider.System);
        services.AddSingleton<RedisClock>();
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<RedisClock>());

        services.AddSingleton<NotReadyYet>();
        services.AddHostedService<RedisWatch>();
        services.AddHealthChecks().AddCheck<RedisHealth>("redis", tags: [SiteHealth.Ready]);
    }

    private static ConfigurationOptions Parse(string connectionString)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connectionString);
            if (string.IsNullOrEmpty(options.ServiceName))
            {
                // The client would do so in a copy, and RedisConnection asks the servers themselves.
                options.SetDefaultPorts();
            }

            // The client's own limits would keep a page waiting for five seconds, and a start without Redis from starting.
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ConnectTimeout = options.SyncTimeout = 1_000;
            options.ReconnectRetryPolicy = new LinearRetry(500);
            // How soon it notices that a replica has become the master.
            options.ConfigCheckSeconds = 2;
            return options;
        }
        catch (ArgumentException mistake)
        {
            throw new OptionsValidationException(
                "ConnectionStrings:Redis",
                typeof(ConfigurationOptions),
                [
                    $"ConnectionStrings:Redis cannot be read: {mistake.Message} Give something like redis.example.com:6380,password=...,ssl=true.",
                ]
            );
        }
    }
}
