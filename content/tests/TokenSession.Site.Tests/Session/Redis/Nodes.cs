using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>Several nodes of one site, on one Redis and one backend. Requests go to each node in turn.</summary>
public sealed class Nodes : IAsyncDisposable
{
    private readonly List<TestSite> sites = [];

    /// <param name="redis">The connection string.</param>
    /// <param name="count">How many nodes there are.</param>
    /// <param name="configure">Further settings of each node.</param>
    /// <param name="clock">Replaces <see cref="Time"/>.</param>
    public Nodes(string redis, int count = 3, Action<TestSite>? configure = null, TimeProvider? clock = null)
    {
        Backend = new DemoBackend(clock ?? Time);
        for (var node = 0; node < count; node++)
        {
            var site = new TestSite
            {
                Time = Time,
                MachineClock = clock,
                SharesSessions = true,
            }
                .With("ConnectionStrings:Redis", redis)
                .With(services => services.AddSingleton(Backend));
            configure?.Invoke(site);
            sites.Add(site);
        }
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public DemoBackend Backend { get; }

    public int Count => sites.Count;

    public TestSite At(int node) => sites[node];

    /// <summary>A browser whose requests go to the nodes in turn.</summary>
    public async Task<TestBrowser> NewSignedInBrowserAsync()
    {
        var client = new HttpClient(new RoundRobin([.. sites.Select(site => new HttpMessageInvoker(site.Server.CreateHandler()))]))
        {
            BaseAddress = new("https://localhost"),
        };
        var browser = new TestBrowser(client);
        (await browser.SignInAsync()).EnsureSuccessStatusCode();
        return browser;
    }

    /// <summary>The same browser, but all its requests go to this node.</summary>
    public TestBrowser Visit(int node, TestBrowser browser) => sites[node].NewBrowser().With(browser.Cookies);

    /// <summary>Waits until every node has noticed that Redis answers, and the settling time has passed.</summary>
    public async Task UntilSharedAsync()
    {
        await UntilAsync<RedisConnection>(redis => redis.IsUp);
        Time.Advance(RedisConnection.SettlingTime + TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Waits until every node has noticed that Redis does not answer.</summary>
    public Task UntilAwayAsync() => UntilAsync<RedisConnection>(redis => !redis.IsUp);

    /// <summary>Waits until every node has noticed that Redis does not answer, and no longer waits for a failover.</summary>
    public async Task UntilAloneAsync()
    {
        await UntilAwayAsync();
        Time.Advance(RedisConnection.FailoverTime + TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Waits until a condition is true for a service of every node.</summary>
    public Task UntilAsync<T>(Func<T, bool> holds, TimeSpan? patience = null)
        where T : notnull =>
        Wait.UntilAsync(() => Task.FromResult(sites.TrueForAll(site => holds(site.Services.GetRequiredService<T>()))), patience);

    public void ExpireAccessTokens() => Time.Advance(Backend.AccessTokenLifetime + TimeSpan.FromSeconds(1));

    public async ValueTask DisposeAsync()
    {
        foreach (var site in sites)
        {
            await site.DisposeAsync();
        }
    }

    private sealed class RoundRobin(HttpMessageInvoker[] nodes) : HttpMessageHandler
    {
        private int requests;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            nodes[(uint)Interlocked.Increment(ref requests) % nodes.Length].SendAsync(request, cancellationToken);
    }
}
