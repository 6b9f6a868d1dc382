using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Tests.Infrastructure;

/// <summary>YARP in front of the processes of a site. It sends all requests to one process at a time.</summary>
public sealed class SiteProxy : IAsyncDisposable
{
    private readonly InMemoryConfigProvider config = new([], []);
    private readonly WebApplication proxy;

    public SiteProxy()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IProxyConfigProvider>(config).AddReverseProxy();
        proxy = builder.Build();
        proxy.MapReverseProxy();
    }

    public async Task StartAsync(IEnumerable<SiteProcess> sites)
    {
        await SendToAsync(sites);
        await proxy.StartAsync();
    }

    public TestBrowser NewBrowser() =>
        new(
            new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
            {
                BaseAddress = new(proxy.Urls.Single()),
            }
        );

    public async Task SendToAsync(IEnumerable<SiteProcess> sites)
    {
        var destinations = new Dictionary<string, DestinationConfig>();
        foreach (var site in sites)
        {
            using var probe = new HttpClient { BaseAddress = new(await site.Address) };
            await Wait.UntilAsync(async () => (await probe.GetAsync("/health/ready")).IsSuccessStatusCode);
            destinations[await site.Address] = new() { Address = await site.Address };
        }

        config.Update(
            [
                new()
                {
                    RouteId = "all",
                    ClusterId = "sites",
                    Match = new() { Path = "{**path}" },
                },
            ],
            [
                new()
                {
                    ClusterId = "sites",
                    LoadBalancingPolicy = "RoundRobin",
                    Destinations = destinations,
                },
            ]
        );
    }

    /// <summary>A user with two tabs, until the load ends.</summary>
    public async Task BrowseAsync(ConcurrentQueue<HttpStatusCode> answers, CancellationToken done)
    {
        var browser = NewBrowser();
        (await browser.SignInAsync()).EnsureSuccessStatusCode();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!done.IsCancellationRequested)
        {
            // Two tabs.
            await pace.WaitForNextTickAsync(CancellationToken.None);
            var pages = await Task.WhenAll(browser.GetAsync("/app"), browser.GetAsync("/app"));
            answers.Enqueue(pages[0].StatusCode);
            answers.Enqueue(pages[1].StatusCode);
        }
    }

    public ValueTask DisposeAsync() => proxy.DisposeAsync();
}
