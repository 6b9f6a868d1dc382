using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>If Redis does not answer, it may only be slow, or a replica may take over. A request that does not need Redis continues at
/// once, and a request that needs it waits.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class RedisTimeoutTests
{
    [RedisFact]
    public async Task An_expired_session_waits_until_a_failover_would_have_ended()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        await redis.HangAsync();

        var page = nodes.Visit(0, browser).GetAsync("/app");
        await nodes.UntilAwayAsync();
        Assert.Equal(0, nodes.Backend.CallsTo("/auth/refresh"));
        nodes.Time.Advance(RedisConnection.FailoverTime + TimeSpan.FromSeconds(1));

        (await page).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, nodes.Backend.Refreshes);
        await redis.ContinueAsync();
    }

    [RedisFact]
    public async Task An_early_refresh_is_postponed_until_Redis_is_back()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.Time.Advance(nodes.Backend.AccessTokenLifetime - TimeSpan.FromSeconds(8));
        await redis.KillAsync();

        var page = await browser.GetAsync("/app");

        page.ShouldBe(HttpStatusCode.OK);
        page.ShouldSetNoCookies();
        Assert.Equal(0, nodes.Backend.CallsTo("/auth/refresh"));

        await redis.StartAsync();
        await nodes.UntilSharedAsync();
        nodes.Time.Advance(TimeSpan.FromSeconds(1));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, nodes.Backend.Refreshes);
    }

    [RedisFact]
    public async Task What_another_node_stored_is_read_before_a_change_is_tried_again()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 2);

        await SharedTokenFamilyStoreTests.AssertReadBeforeRetryAsync(StoreOf(nodes, 0), StoreOf(nodes, 1), nodes.Time.GetUtcNow());
    }

    [RedisFact]
    public async Task A_first_seen_time_is_saved_without_waiting()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 2);
        var (here, there) = (StoreOf(nodes, 0), StoreOf(nodes, 1));
        var now = nodes.Time.GetUtcNow();
        var tokens = new SessionTokens("access", now, now.AddMinutes(1), "refresh");
        var family = await here.UpdateAsync("a session", known => known.Refreshed(1, tokens).WithExpiry(now.AddDays(1)));

        await redis.HangAsync();
        var saving = here.TrySaveAsync(family, family.ActiveAt(now));
        Assert.True(saving.IsCompletedSuccessfully && saving.Result);
        Assert.Equal(now, (await here.GetAsync("a session"))!.LastActive);

        await redis.ContinueAsync();
        await Wait.UntilAsync(async () => (await there.GetAsync("a session", bypassCache: true))?.LastActive == now);
    }

    [RedisFact]
    public async Task A_sign_out_that_Redis_was_too_slow_for_is_saved_as_soon_as_it_answers()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        var copy = nodes.Visit(1, browser);
        nodes.Time.Advance(TimeSpan.FromSeconds(1));
        (await copy.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        await redis.HangAsync();
        (await nodes.Visit(0, browser).SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
        await redis.ContinueAsync();

        await Wait.UntilAsync(async () => (await copy.GetAndForgetAsync("/app")).StatusCode is HttpStatusCode.Redirect);
    }

    [RedisFact]
    public async Task A_lock_is_not_released_after_an_outage_in_which_the_result_may_not_have_been_saved()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 1);
        nodes.At(0).NewBrowser();
        var refreshLock = nodes.At(0).Services.GetRequiredService<IRefreshLock>();

        await refreshLock.RunExclusiveAsync(
            "a session",
            DateTimeOffset.MinValue,
            () => Task.FromResult<RefreshResult?>(null),
            async () =>
            {
                await redis.HangAsync();
                await nodes.UntilAwayAsync();
                await redis.ContinueAsync();
                await nodes.UntilSharedAsync();
                return new(RefreshOutcome.Refreshed);
            }
        );

        var name = $"{TestSite.CookiePrefix}:lock:{SharedTokenFamilyStore.Hash("a session")}";
        Assert.Equal(1, (int)await redis.AskAsync("EXISTS", name));
    }

    private static ITokenFamilyStore StoreOf(Nodes nodes, int node) => nodes.At(node).Services.GetRequiredService<ITokenFamilyStore>();
}
