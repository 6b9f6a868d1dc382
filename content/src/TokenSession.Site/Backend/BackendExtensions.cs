using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Refit;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Registers the backend: its address, its Refit clients, and the demo backend that replaces it in Development if no address is
/// configured.</summary>
public static class BackendExtensions
{
    public static WebApplicationBuilder AddBackend(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<BackendOptions>().Bind(builder.Configuration.GetSection(BackendOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BackendOptions>, BackendOptionsValidator>();
        services.AddHttpContextAccessor();
        services.AddTransient<AccessTokenHandler>();
        services.AddTransient<ClientAddressHandler>();
        services.AddSingleton<DemoBackend>();
        services.AddHostedService<BackendStartupLog>();
        services.AddBackendProxy();
        services.AddSingleton<BackendHealthCheck>();
        services.AddHealthChecks().AddCheck<BackendHealthCheck>("backend", tags: [HealthEndpoints.Ready]);
        services.AddHttpClient(BackendHealthCheck.Client).ToBackend();
        services.AddHttpClient(DemoAuthBackend.Client).ToBackend().AddTokenHandlers();
        services.AddAdapter();
        return builder;
    }

    /// <summary>Registers the adapter of the API. If no address is configured, the session uses the adapter of the demo backend
    /// instead.</summary>
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
    /// <returns>The client, for example to set another <see cref="HttpClient.BaseAddress"/> than that of the data calls.</returns>
    internal static IHttpClientBuilder AddAuthApi<TApi>(this IServiceCollection services)
        where TApi : class => services.AddBackendClient<TApi>().AddTokenHandlers();

    /// <summary>Registers a client of pages and endpoints. It sends the user's access token, and no token for guests.</summary>
    public static void AddDataApi<TApi>(this IServiceCollection services)
        where TApi : class =>
        services
            .AddBackendClient<TApi>()
            .AddHttpMessageHandler<ClientAddressHandler>()
            .AddHttpMessageHandler<AccessTokenHandler>()
            .AddDataResilience();

    /// <summary>Registers a client for data that all visitors may see. It never sends a user's access token, only
    /// <see cref="BackendOptions.PublicToken"/>.</summary>
    public static void AddPublicApi<TApi>(this IServiceCollection services)
        where TApi : class =>
        services
            .AddBackendClient<TApi>()
            .ConfigureHttpClient(
                (provider, client) =>
                    client.DefaultRequestHeaders.Authorization = provider.GetRequiredService<IOptions<BackendOptions>>().Value.PublicToken
                        is { Length: > 0 } token
                        ? new("Bearer", token)
                        : null
            )
            .AddHttpMessageHandler<ClientAddressHandler>()
            .AddDataResilience();

    private static IHttpClientBuilder AddBackendClient<TApi>(this IServiceCollection services)
        where TApi : class => services.AddRefitGeneratedClient<TApi>(new RefitSettings(new DataEnvelopeSerializer())).ToBackend();

    /// <summary>Limits the time that a page waits for a call. The circuit breaker counts the result after the retries, as the page sees
    /// it.</summary>
    private static void AddDataResilience(this IHttpClientBuilder client) =>
        client.AddResilienceHandler(
            "data",
            (pipeline, context) =>
            {
                var options = context.ServiceProvider.GetRequiredService<IOptions<BackendOptions>>().Value;
                pipeline.AddCircuitBreaker(
                    new HttpCircuitBreakerStrategyOptions { FailureRatio = 0.5, BreakDuration = TimeSpan.FromSeconds(1) }
                );
                pipeline.AddTimeout(
                    new HttpTimeoutStrategyOptions
                    {
                        TimeoutGenerator = call =>
                            ValueTask.FromResult(
                                call.Context.GetRequestMessage() is { } request && AccessTokenHandler.IsUpload(request)
                                    ? options.UploadTimeout
                                    : options.DataTimeout
                            ),
                    }
                );
                if (options.DataRetries > 0)
                {
                    pipeline.AddRetry(Retry(options, context.ServiceProvider.GetRequiredService<TimeProvider>()));
                }
            }
        );

    private static HttpRetryStrategyOptions Retry(BackendOptions options, TimeProvider time)
    {
        var retry = new HttpRetryStrategyOptions { MaxRetryAttempts = options.DataRetries, Delay = TimeSpan.FromMilliseconds(200) };
        retry.DisableForUnsafeHttpMethods();
        var isRepeated = retry.ShouldHandle;
        retry.ShouldHandle = async call =>
            !(call.Outcome.Result?.Headers.RetryAfter.ToDelay(time) > options.MaxRetryAfter) && await isRepeated(call);
        return retry;
    }

    private static bool IsDemo(IServiceProvider provider) => provider.GetRequiredService<IOptions<BackendOptions>>().Value.IsDemo;

    private static IHttpClientBuilder AddTokenHandlers(this IHttpClientBuilder builder) =>
        builder
            .ConfigureHttpClient(
                (provider, client) =>
                    client.DefaultRequestHeaders.Authorization = Client(provider.GetRequiredService<IOptions<BackendOptions>>().Value)
            )
            .AddHttpMessageHandler<ClientAddressHandler>()
            .AddHttpMessageHandler(() => new ConnectRetryHandler());

    /// <summary>The id and the secret are encoded before they are joined (RFC 6749, 2.3.1).</summary>
    private static AuthenticationHeaderValue? Client(BackendOptions options)
    {
        if (options.ClientId is not { Length: > 0 } id)
        {
            return null;
        }

        var credentials = $"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(options.ClientSecret ?? "")}";
        return new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
    }

    internal static IHttpClientBuilder ToBackend(this IHttpClientBuilder builder) =>
        builder
            .ConfigureHttpClient(
                (provider, client) =>
                {
                    client.BaseAddress = BackendHttpHandlers.Address(provider.GetRequiredService<IOptions<BackendOptions>>().Value);
                    client.Timeout = Timeout.InfiniteTimeSpan;
                }
            )
            .ConfigurePrimaryHttpMessageHandler(provider => BackendHttpHandlers.Create(provider, DecompressionMethods.All));
}
