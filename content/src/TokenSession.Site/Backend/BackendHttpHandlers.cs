using System.Net;
using Microsoft.Extensions.Options;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.Backend;

/// <summary>Creates the handlers of backend calls: the network, or the demo backend in Development.</summary>
internal static class BackendHttpHandlers
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2),
        NoticeDnsChanges = TimeSpan.FromMinutes(2);

    public static Uri Address(BackendOptions options) => options.IsDemo ? DemoBackendHandler.Address : new Uri(options.Url!.TrimEnd('/'));

    /// <param name="services">The services of the site.</param>
    /// <param name="decompression">The encodings of an answer that are decoded, even if the request did not ask for them.</param>
    public static HttpMessageHandler Create(IServiceProvider services, DecompressionMethods decompression) =>
        services.GetRequiredService<IOptions<BackendOptions>>().Value.IsDemo
            ? ActivatorUtilities.CreateInstance<DemoBackendHandler>(services)
            : new SocketsHttpHandler
            {
                AutomaticDecompression = decompression,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = NoticeDnsChanges,
                UseCookies = false,
                AllowAutoRedirect = false,
            };
}
