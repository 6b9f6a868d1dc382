using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>If Redis is certainly not available, no request waits for it. If Redis does not answer, it may only be slow: a request that
/// does not need Redis continues at once, and a request that needs Redis waits. The clock that measures this wait stands still until a test
/// moves it.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class RedisTimeoutTests
{
    /// <summary>If a test waits longer than this, it waits for the clock that stands still, and the test fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider machine = new();

    [RedisFact]
    public Task Where_nobody_listens_an_expired_session_is_refreshed_at_once() => AssertGoesOnAsync(redis => redis.KillAsync());

    [RedisFact]
    public Task Where_there_is_no_room_an_expired_session_is_refreshed_at_once() =>
        AssertGoesOnAsync(redis => redis.AskAsync("CONFIG", "SET", "maxmemory", "1"));

    [RedisFact]
    public async Task Where_Redis_says_nothing_for_two_seconds_an_expired_session_is_refreshed()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        await redis.HangAsync();

        var page = nodes.Visit(0, browser).GetAsync("/app");
        await nodes.UntilAloneAsync();
        Assert.Equal(0, nodes.Backend.CallsTo("/auth/refresh"));
        machine.Advance(TimeSpan.FromSeconds(2.1));

        (await page.WaitAsync(Patience)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, nodes.Backend.Refreshes);
        await redis.ComeToAsync();
    }

    [RedisFact]
    public async Task A_refresh_ahead_of_time_is_put_off_until_Redis_is_back()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.Time.Advance(nodes.Backend.AccessTokenLifetime - TimeSpan.FromSeconds(5));
        await redis.KillAsync();

        var page = await browser.GetAsync("/app");

        page.ShouldBe(HttpStatusCode.OK);
        page.ShouldSetNoCookies();
        Assert.Equal(0, nodes.Backend.CallsTo("/auth/refresh"));

        await redis.StartAsync();
        await nodes.UntilAsync<RedisConnection>(connection => connection.IsUp);
        machine.Advance(TimeSpan.FromSeconds(3));
        nodes.Time.Advance(TimeSpan.FromSeconds(3));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, nodes.Backend.Refreshes);
    }

    [RedisFact]
    public async Task In_the_last_moment_of_an_access_token_nothing_is_put_off()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.Time.Advance(nodes.Backend.AccessTokenLifetime - TimeSpan.FromSeconds(0.4));
        await redis.KillAsync();

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal(1, nodes.Backend.Refreshes);
    }

    [RedisFact]
    public async Task A_turn_that_came_too_late_for_a_refresh_ahead_of_time_is_given_back()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis, count: 1);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.Time.Advance(nodes.Backend.AccessTokenLifetime - TimeSpan.FromSeconds(5));
        // This request reads the session and does not refresh it, so the next question to Redis is for the refresh lock.
        (await browser.GetAsync("/api/auth/logout")).ShouldBe(HttpStatusCode.Redirect);
        await redis.HangAsync();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await redis.ComeToAsync();

        var (took, left) = ($"{await redis.AskAsync("INFO", "commandstats")}", $"{await redis.AskAsync("KEYS", "*:lock:*")}");

        Assert.Contains("cmdstat_del", took, StringComparison.Ordinal);
        Assert.Equal($"{await redis.AskAsync("KEYS", "nothing")}", left);
        Assert.Equal(0, nodes.Backend.CallsTo("/auth/refresh"));
    }

    [RedisFact]
    public async Task Nobody_asks_in_passing_while_somebody_waits_in_vain()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis, count: 1);
        var connection = nodes.At(0).Services.GetRequiredService<RedisConnection>();
        var asked = 0;
        Task<TimeSpan> AskAsync(IDatabase database)
        {
            asked++;
            return database.PingAsync();
        }

        await redis.HangAsync();
        Assert.Null(await connection.AskOptionalAsync(AskAsync));
        Assert.Null(await connection.AskOptionalAsync(AskAsync));
        Assert.Equal(1, asked);
        Assert.False(connection.IsSettled);

        await redis.ComeToAsync();
        await Wait.UntilAsync(async () => await connection.AskOptionalAsync(AskAsync) is not null);
    }

    [RedisFact]
    public async Task What_another_node_stored_is_read_before_a_change_is_tried_again_also_where_nobody_waits_in_passing()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis, count: 2);
        var here = nodes.At(0).Services.GetRequiredService<ITokenFamilyStore>();
        var there = nodes.At(1).Services.GetRequiredService<ITokenFamilyStore>();
        var now = nodes.Time.GetUtcNow();
        SessionTokens Tokens(int generation) => new($"access {generation}", now, now.AddMinutes(1), $"refresh {generation}");
        await here.UpdateAsync("a session", known => known.Refreshed(1, Tokens(1)).WithExpiry(now.AddDays(1)));

        // This answer never arrives. From now on, this node sends Redis no optional questions.
        var connection = nodes.At(0).Services.GetRequiredService<RedisConnection>();
        Assert.Null(await connection.AskOptionalAsync(_ => new TaskCompletionSource<bool>().Task));
        await there.UpdateAsync("a session", known => known.Refreshed(2, Tokens(2)));
        var family = await here.UpdateAsync("a session", known => known.Refreshed(3, Tokens(3)))
            .AsTask()
            .WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(3, family.Generation);
        Assert.Equal(3, (await there.GetAsync("a session", bypassCache: true))!.Generation);
    }

    [RedisFact]
    public async Task That_a_browser_came_is_told_without_waiting()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis, count: 2);
        var here = nodes.At(0).Services.GetRequiredService<ITokenFamilyStore>();
        var there = nodes.At(1).Services.GetRequiredService<ITokenFamilyStore>();
        var now = nodes.Time.GetUtcNow();
        var tokens = new SessionTokens("access", now, now.AddMinutes(1), "refresh");
        var family = await here.UpdateAsync("a session", known => known.Refreshed(1, tokens).WithExpiry(now.AddDays(1)));

        await redis.HangAsync();
        var saving = here.TrySaveAsync(family, family.ActiveAt(now));
        Assert.True(saving.IsCompletedSuccessfully && saving.Result);
        Assert.Equal(now, (await here.GetAsync("a session"))!.LastActive);

        await redis.ComeToAsync();
        await Wait.UntilAsync(async () => (await there.GetAsync("a session", bypassCache: true))?.LastActive == now);
    }

    [RedisFact]
    public async Task A_sign_out_that_Redis_was_too_slow_for_is_told_as_soon_as_it_answers()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis);
        var browser = await nodes.NewSignedInBrowserAsync();
        var copy = nodes.Visit(1, browser);
        nodes.Time.Advance(TimeSpan.FromSeconds(1));
        (await copy.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        await redis.HangAsync();
        (await nodes.Visit(0, browser).SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
        await redis.ComeToAsync();

        await Wait.UntilAsync(async () => (await copy.GetAndForgetAsync("/app")).StatusCode is HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_server_that_is_named_without_a_port_is_looked_for_at_the_usual_one()
    {
        await using var site = new TestSite().With("ConnectionStrings:Redis", "127.0.0.1");

        var address = Assert.Single(site.Services.GetRequiredService<ConfigurationOptions>().EndPoints);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 6379), address);
    }

    /// <summary>Every node serves its first page, and less than a second passes.</summary>
    private async Task AssertGoesOnAsync(Func<RedisServer, Task> goesAway)
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = NewNodes(redis);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();

        await goesAway(redis);

        for (var node = 0; node < nodes.Count; node++)
        {
            (await browser.GetAsync("/app").WaitAsync(Patience)).ShouldBe(HttpStatusCode.OK);
        }

        Assert.Equal((1, 0), (nodes.Backend.Refreshes, nodes.Backend.Reuses));
    }

    private Nodes NewNodes(RedisServer redis, int count = 3) =>
        new(
            redis.Address,
            count,
            node => node.With(services => services.AddKeyedSingleton<TimeProvider>(RedisClock.OfThisMachine, machine))
        );
}
