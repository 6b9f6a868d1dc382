using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Refit;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.Backend;

/// <summary>Registers the backend: its address, its two Refit clients, and the demo backend that stands in for it in Development.</summary>
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
        services.AddHostedService<BackendNotice>();
        services.AddBackendProxy();
        services.AddSingleton<BackendHealth>();
        services.AddHealthChecks().AddCheck<BackendHealth>("backend", tags: [SiteHealth.Ready]);
        services.AddHttpClient(BackendHealth.Client).ToBackend();
        services.AddAdapter();
        return builder;
    }

    /// <summary>The client that signs in, refreshes and signs out: no access token, and no retry after a request was sent, because a
    /// refresh token works once.</summary>
    internal static void AddAuthApi<TApi>(this IServiceCollection services)
        where TApi : class => services.AddBackendClient<TApi>().AddHttpMessageHandler(() => new ConnectAgainHandler());

    /// <summary>The client of pages: the user's access token, retries and time-outs that suit a page.</summary>
    internal static void AddDataApi<TApi>(this IServiceCollection services)
        where TApi : class
    {
        var client = services.AddBackendClient<TApi>();
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

    private static IHttpClientBuilder AddBackendClient<TApi>(this IServiceCollection services)
        where TApi : class => services.AddRefitGeneratedClient<TApi>(new RefitSettings(new EnvelopeSerializer())).ToBackend();

    private static IHttpClientBuilder ToBackend(this IHttpClientBuilder builder) =>
        builder
            .ConfigureHttpClient(
                (provider, client) =>
                {
                    client.BaseAddress = BackendNetwork.Address(provider.GetRequiredService<IOptions<BackendOptions>>().Value);
                    client.Timeout = DataTimeout;
                }
            )
            .ConfigurePrimaryHttpMessageHandler(BackendNetwork.Create);
}
