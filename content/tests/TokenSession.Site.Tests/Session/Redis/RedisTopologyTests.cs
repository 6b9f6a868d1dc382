using System.Diagnostics;
using System.Net;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>Any Redis that people have. While its master dies and a replica takes over, the pages of a session go to all nodes at once.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class RedisTopologyTests(ITestOutputHelper output)
{
    private const int Rounds = 20,
        Tabs = 20;

    [RedisFact]
    public async Task A_sentinel_replaces_the_master()
    {
        await using var redis = await RedisSentinel.NewAsync();
        await AssertKeptAsync(redis.Address, redis.Master);
    }

    [RedisFact]
    public async Task A_cluster_loses_one_of_three_masters()
    {
        await using var redis = await RedisCluster.NewAsync();
        await AssertKeptAsync(redis.Address, redis.Masters[1]);
    }

    private async Task AssertKeptAsync(string address, RedisServer master)
    {
        await using var nodes = new Nodes(address, clock: TimeProvider.System);
        nodes.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(1);
        var browsers = new List<TestBrowser>();
        for (var browser = 0; browser < 4; browser++)
        {
            browsers.Add(await nodes.NewSignedInBrowserAsync());
        }

        var (failed, statuses) = (0L, new List<HttpStatusCode>());
        for (var round = 0; round < Rounds; round++)
        {
            if (round is Rounds / 4)
            {
                failed = Stopwatch.GetTimestamp();
                await master.KillAsync();
            }

            statuses.AddRange(await Task.WhenAll(browsers.Select(RoundAsync)));
        }

        await nodes.UntilAsync<RedisConnection>(redis => redis.IsUp);
        output.WriteLine(
            $"{statuses.Count(status => status is HttpStatusCode.OK)} of {statuses.Count} rounds were served at once; all nodes share again "
                + $"{Stopwatch.GetElapsedTime(failed).TotalSeconds:0.0} s after the master died, or earlier."
        );
        foreach (var browser in browsers)
        {
            await Wait.UntilAsync(async () => (await browser.GetAsync("/app")).StatusCode is HttpStatusCode.OK);
        }

        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}"));
        Assert.Equal(0, nodes.Backend.Reuses);
    }

    /// <summary>All tabs of a browser open a page when its access token has expired. Returns the worst status.</summary>
    private static async Task<HttpStatusCode> RoundAsync(TestBrowser browser)
    {
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var pages = await Task.WhenAll(Enumerable.Range(0, Tabs / 4).Select(_ => browser.GetAsync("/app")));
        return pages.Max(page => page.StatusCode);
    }
}
