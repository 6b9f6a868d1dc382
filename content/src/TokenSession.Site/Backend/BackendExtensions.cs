using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Refit;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Registers the backend: its address, its two Refit clients, and the demo backend that replaces it in Development if no address
/// is configured.</summary>
public static class BackendExtensions
{
    private static readonly TimeSpan DataTimeout = TimeSpan.FromSeconds(10);

    public static WebApplicationBuilder AddBackend(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<BackendOptions>().Bind(builder.Configuration.GetSection(BackendOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BackendOptions>, BackendOptionsValidator>();
        services.AddHttpContextAccessor();
        services.AddSingleton<DemoBackend>();
        services.AddHostedService<BackendStartupLog>();
        services.AddBackendProxy();
        services.AddSingleton<BackendHealthCheck>();
        services.AddHealthChecks().AddCheck<BackendHealthCheck>("backend", tags: [HealthEndpoints.Ready]);
        services.AddHttpClient(BackendHealthCheck.Client).ToBackend(DataTimeout);
        services.AddAuthClient(DemoAuthBackend.Client);
        services.AddAdapter();
        return builder;
    }

    /// <summary>Registers the adapter of the API. If no address is configured, the session uses that of the demo backend in its place.
    /// </summary>
    internal static void AddAuthBackend<TAdapter>(this IServiceCollection services, AccessTokenRefusal isRefused)
        where TAdapter : class, IAuthBackend
    {
        services.TryAddTransient<IAuthBackend>(provider =>
            IsDemo(provider)
                ? ActivatorUtilities.CreateInstance<DemoAuthBackend>(provider)
                : ActivatorUtilities.CreateInstance<TAdapter>(provider)
        );
        services.TryAddSingleton(provider => IsDemo(provider) ? DemoAuthBackend.RefusesAccessToken : isRefused);
    }

    /// <summary>Registers the client that signs in, refreshes and signs out. It sends no access token. It retries only if the connection
    /// failed, because a refresh token works once. It has no timeout, because the session sets one.</summary>
    internal static void AddAuthApi<TApi>(this IServiceCollection services)
        where TApi : class => services.AddBackendClient<TApi>().ForTokens();

    /// <summary>Registers a client for the same purpose that is not a Refit interface.</summary>
    internal static void AddAuthClient(this IServiceCollection services, string name) => services.AddHttpClient(name).ForTokens();

    /// <summary>Registers the client of pages and endpoints. It sends the user's access token. Its retries and timeouts are short, because
    /// a page waits for them.</summary>
    internal static void AddDataApi<TApi>(this IServiceCollection services)
        where TApi : class
    {
        var client = services.AddBackendClient<TApi>().ToBackend(DataTimeout);
        client.AddHttpMessageHandler(provider => ActivatorUtilities.CreateInstance<AccessTokenHandler>(provider));
        client.AddStandardResilienceHandler(resilience =>
        {
            resilience.Retry.DisableForUnsafeHttpMethods();
            resilience.Retry.MaxRetryAttempts = 1;
            resilience.Retry.Delay = TimeSpan.FromMilliseconds(200);
            resilience.AttemptTimeout.Timeout = DataTimeout / 3;
            resilience.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(1);
            resilience.TotalRequestTimeout.Timeout = DataTimeout;
        });
    }

    private static bool IsDemo(IServiceProvider provider) => provider.GetRequiredService<IOptions<BackendOptions>>().Value.IsDemo;

    private static IHttpClientBuilder AddBackendClient<TApi>(this IServiceCollection services)
        where TApi : class => services.AddRefitGeneratedClient<TApi>(new RefitSettings(new DataEnvelopeSerializer()));

    private static IHttpClientBuilder ForTokens(this IHttpClientBuilder builder) =>
        builder.ToBackend(Timeout.InfiniteTimeSpan).AddHttpMessageHandler(() => new ConnectRetryHandler());

    private static IHttpClientBuilder ToBackend(this IHttpClientBuilder builder, TimeSpan timeout) =>
        builder
            .ConfigureHttpClient(
                (provider, client) =>
                {
                    client.BaseAddress = BackendHttpHandlers.Address(provider.GetRequiredService<IOptions<BackendOptions>>().Value);
                    client.Timeout = timeout;
                }
            )
            .ConfigurePrimaryHttpMessageHandler(BackendHttpHandlers.Create);
}
