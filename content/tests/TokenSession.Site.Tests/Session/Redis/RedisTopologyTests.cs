using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>A single Redis, a sentinel and a cluster. Redis fails while the pages of several sessions go to all nodes at the same time, and
/// no session is lost.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class RedisTopologyTests
{
    private const int Rounds = 14,
        Browsers = 4,
        Tabs = 5;

    [RedisFact]
    public async Task One_server_a_sentinel_and_a_cluster()
    {
        await using var server = await RedisServer.NewAsync();
        await using var sentinel = await RedisSentinel.NewAsync();
        await using var cluster = await RedisCluster.NewAsync();

        await Task.WhenAll(
            AssertKeptAsync("one server, killed and started again without its data", server.Address, server.RestartAsync),
            AssertKeptAsync("a master with a sentinel and a replica, killed", sentinel.Address, sentinel.Master.KillAsync),
            AssertKeptAsync("one of three masters of a cluster, killed", cluster.Address, cluster.Masters[1].KillAsync)
        );
    }

    /// <summary>In each round, all tabs of all browsers open a page when the access token has expired.</summary>
    internal static async Task AssertKeptAsync(string failure, string address, Func<Task> fail)
    {
        await using var nodes = new Nodes(address, clock: TimeProvider.System);
        nodes.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(1);
        var browsers = new List<TestBrowser>();
        for (var browser = 0; browser < Browsers; browser++)
        {
            browsers.Add(await nodes.NewSignedInBrowserAsync());
        }

        var (statuses, shared) = (new List<HttpStatusCode>(), Task.FromResult(TimeSpan.Zero));
        for (var round = 0; round < Rounds; round++)
        {
            await Wait.UntilAsync(() => browsers.TrueForAll(browser => browser.HasExpired));
            if (round is Rounds / 4)
            {
                shared = Task.Run(() => UntilSharedAsync(nodes, fail));
            }

            foreach (var pages in await Task.WhenAll(browsers.Select(OpenTabsAsync)))
            {
                statuses.AddRange(pages);
            }
        }

        foreach (var browser in browsers)
        {
            await Wait.UntilAsync(async () => (await browser.GetAsync("/app")).StatusCode is HttpStatusCode.OK);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{failure}: {statuses.Count(status => status is HttpStatusCode.OK)} of {statuses.Count} pages were served, the others said \"try again\"; all "
                + $"nodes shared again after {(await shared).TotalSeconds:0.0} s."
        );
        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}"));
        Assert.Equal(0, nodes.Backend.Reuses);
    }

    private static Task<HttpStatusCode[]> OpenTabsAsync(TestBrowser browser) =>
        Task.WhenAll(Enumerable.Range(0, Tabs).Select(async _ => (await browser.GetAsync("/app")).StatusCode));

    private static async Task<TimeSpan> UntilSharedAsync(Nodes nodes, Func<Task> fail)
    {
        var failed = Stopwatch.GetTimestamp();
        await fail();

        // A node that sent no command in the meantime has noticed nothing.
        await Wait.UntilAsync(() =>
            Enumerable.Range(0, nodes.Count).Any(node => nodes.At(node).Services.GetRequiredService<RedisConnection>().Outages > 0)
        );
        await nodes.UntilAsync<RedisConnection>(redis => redis.IsSettled, TimeSpan.FromMinutes(1));
        return Stopwatch.GetElapsedTime(failed);
    }
}
