using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>If the clocks of the nodes differ, the nodes still have the same state of each session.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class RedisClockTests
{
    [RedisFact]
    public async Task Clocks_that_are_30_seconds_apart_refresh_once_and_end_nothing_early()
    {
        await using var redis = await RedisServer.NewAsync();
        // 12 s: on a clock that is 30 s fast such a token has expired before it is issued.
        var backend = new DemoBackend(TimeProvider.System) { AccessTokenLifetime = TimeSpan.FromSeconds(12) };
        await using var right = NewNode(redis, backend, TimeSpan.Zero);
        await using var fast = NewNode(redis, backend, TimeSpan.FromSeconds(30));
        await using var slow = NewNode(redis, backend, TimeSpan.FromSeconds(-30));
        TestSite[] nodes = [right, fast, slow];
        // The token is valid for 12 s: the nodes start before it is issued.
        Assert.All(nodes, node => node.StartServer());
        var browser = await right.NewSignedInBrowserAsync();
        var older = browser.Copy();

        foreach (var node in nodes)
        {
            (await node.NewBrowser().With(browser.Cookies).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }

        Assert.Equal(0, backend.CallsTo("/auth/refresh"));

        // After that, the first request with these cookies, on any node, starts the only refresh.
        await Wait.UntilAsync(
            async () =>
            {
                var page = await slow.NewBrowser().With(browser.Cookies).GetAsync("/app");
                page.ShouldBe(HttpStatusCode.OK);
                return backend.Refreshes is 1;
            },
            TimeSpan.FromSeconds(30)
        );
        var pages = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(page => nodes[page % 3].NewBrowser().With(older.Cookies).GetAsync("/app"))
        );

        Assert.All(pages, page => page.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (backend.Refreshes, backend.Reuses));
    }

    [RedisTheory]
    [InlineData(3)]
    [InlineData(10 * 24 * 60)]
    [InlineData(-10 * 24 * 60)]
    public async Task A_Redis_whose_clock_is_wrong_signs_no_user_out_and_is_logged_once(int minutes)
    {
        await using var redis = await RedisServer.NewAsync();
        // The clock of Redis cannot be set, so all other clocks are wrong instead.
        var ahead = TimeSpan.FromMinutes(-minutes);
        // The backend's clock stands still, so the backend never refuses an access token because of its age.
        var stopped = new FakeTimeProvider(DateTimeOffset.UtcNow + ahead);
        var backend = new DemoBackend(stopped) { AccessTokenLifetime = TimeSpan.FromSeconds(2) };
        await using var node = NewNode(redis, backend, ahead);
        await using var other = NewNode(redis, backend, ahead);
        var browser = await node.NewSignedInBrowserAsync();
        var atOther = other.NewBrowser().With(browser.Cookies);

        await Wait.UntilAsync(async () =>
        {
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            (await atOther.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            return backend.Refreshes >= 2;
        });

        Assert.Equal(0, backend.Reuses);
        Assert.Single(node.Log.Entries, entry => entry.Message.Contains("The clock of Redis differs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_TimeProvider_of_the_owner_stays()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:Redis"] = "localhost";
        builder.Services.AddSingleton<TimeProvider>(new OffsetClock(TimeSpan.FromDays(1)));
        builder.AddTokenSession();
        builder.AddRedisSessions();
        await using var site = builder.Build();

        Assert.IsType<OffsetClock>(site.Services.GetRequiredService<TimeProvider>());
        Assert.InRange(
            site.Services.GetRequiredService<SessionClock>().GetUtcNow(),
            DateTimeOffset.UtcNow.AddHours(23),
            DateTimeOffset.MaxValue
        );
    }

    private static TestSite NewNode(RedisServer redis, DemoBackend backend, TimeSpan ahead) =>
        new TestSite { MachineClock = new OffsetClock(ahead), SharesSessions = true }
            .With("ConnectionStrings:Redis", redis.Address)
            .With(services => services.AddSingleton(backend));

    private sealed class OffsetClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
