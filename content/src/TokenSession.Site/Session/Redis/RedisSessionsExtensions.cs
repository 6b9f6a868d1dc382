using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Shares sessions between the nodes of a site if <c>ConnectionStrings:Redis</c> is set: token families, the refresh lock, one clock, and
/// the Data Protection keys. If Redis fails, each node continues with its own memory, and no user is signed out.
/// </summary>
internal static class RedisSessionsExtensions
{
    public static void AddRedisSessions(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetConnectionString("Redis") is not { Length: > 0 } connectionString)
        {
            return;
        }

        services.AddSingleton(Parse(connectionString));
        services.AddSingleton<RedisConnection>();
        services.AddSingleton<RedisNames>();
        services.AddSingleton<RedisNotices>();
        services.AddSingleton<TokenFamilySerializer>();
        services.AddSingleton<RedisTokenFamilyStore>();
        services.AddSingleton<ITokenFamilyStore>(provider => provider.GetRequiredService<RedisTokenFamilyStore>());
        services.AddSingleton<IRefreshLock, RedisRefreshLock>();

        services.TryAddKeyedSingleton(RedisClock.OfThisMachine, TimeProvider.System);
        services.AddSingleton<RedisClock>();
        services.AddSingleton<SessionClock>(provider => provider.GetRequiredService<RedisClock>());
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<RedisConnection, RedisNames>(
                (keys, redis, names) => keys.XmlRepository = new RedisXmlRepository(() => redis.Multiplexer.GetDatabase(), names.Keys)
            );

        services.AddSingleton<NotReadyYet>();
        services.AddHostedService<RedisWatch>();
        services.AddHealthChecks().AddCheck<RedisHealth>("redis", tags: ["ready"]);
    }

    public static void UseRedisSessions(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<NotReadyYet>() is not null)
        {
            app.UseMiddleware<NotReadyYet>();
        }
    }

    private static ConfigurationOptions Parse(string connectionString)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connectionString);
            if (string.IsNullOrEmpty(options.ServiceName))
            {
                // The client sets them in its own copy only, and RedisConnection connects to these endpoints itself.
                options.SetDefaultPorts();
            }

            // With the client's defaults, a page would wait for five seconds, and the site would not start without Redis.
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ConnectTimeout = options.SyncTimeout = 1_000;
            options.ReconnectRetryPolicy = new LinearRetry(500);
            // How often the client checks whether a replica has become the master, in seconds.
            options.ConfigCheckSeconds = 2;
            return options;
        }
        catch (ArgumentException mistake)
        {
            throw new OptionsValidationException(
                "ConnectionStrings:Redis",
                typeof(ConfigurationOptions),
                [$"ConnectionStrings:Redis is invalid: {mistake.Message} Write it as in redis.example.com:6380,password=...,ssl=true."]
            );
        }
    }
}
