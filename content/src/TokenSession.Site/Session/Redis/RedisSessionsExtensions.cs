using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Shares sessions between the nodes of a site: token families, the refresh lock, one clock, the limits on failed sign-ins, and the Data
/// Protection keys.
/// </summary>
public static class RedisSessionsExtensions
{
    /// <summary>Shares sessions if <c>ConnectionStrings:Redis</c> is set, for example
    /// <c>redis.example.com:6380,password=...,ssl=true</c>. Call it after <see cref="TokenSessionExtensions.AddTokenSession"/>. The timeouts
    /// of the connection string are not used. Without the setting, the site is a single node.</summary>
    /// <exception cref="OptionsValidationException">The connection string cannot be read.</exception>
    public static WebApplicationBuilder AddRedisSessions(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetConnectionString("Redis") is not { Length: > 0 } connectionString)
        {
            return builder;
        }

        var services = builder.Services;
        var options = Parse(connectionString);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisConnection>(provider, options));
        services.AddSingleton<RedisKeys>();
        services.AddSingleton<SessionChannel>();
        services.AddSingleton<RedisTokenFamilyStore>();
        services.AddSingleton<ITokenFamilyStore>(provider => provider.GetRequiredService<RedisTokenFamilyStore>());
        services.AddSingleton<IRefreshLock, RedisRefreshLock>();
        services.AddSingleton<InMemoryAttemptCounter>();
        services.AddSingleton<IAttemptCounter, RedisAttemptCounter>();
        services.AddSingleton<RedisClock>();
        services.AddSingleton<SessionClock>(provider => provider.GetRequiredService<RedisClock>());
        services.AddSingleton<IHttpMessageHandlerBuilderFilter, LeaseHandlerFilter>();
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<RedisConnection, RedisKeys>(
                (keys, redis, names) => keys.XmlRepository = new RedisXmlRepository(() => redis.Database, names.DataProtection)
            );
        // The first service that starts: the others use the Data Protection keys.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, RedisMonitor>());
        services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", tags: [HealthEndpoints.Ready]);
        return builder;
    }

    private static ConfigurationOptions Parse(string connectionString)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connectionString);

            // With the client's defaults, a page would wait for five seconds.
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ConnectTimeout = options.SyncTimeout = options.AsyncTimeout = 1_000;
            options.ReconnectRetryPolicy = new LinearRetry(500);
            // How often the client checks whether a replica has become the master, in seconds.
            options.ConfigCheckSeconds = 2;
            return options;
        }
        catch (ArgumentException exception)
        {
            throw new OptionsValidationException(
                "ConnectionStrings:Redis",
                typeof(ConfigurationOptions),
                [$"ConnectionStrings:Redis is invalid: {exception.Message} Write it as in redis.example.com:6380,password=...,ssl=true."]
            );
        }
    }
}
