using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>Three nodes on one Redis behave as one site.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class NodesTests
{
    [RedisFact]
    public async Task Five_hundred_pages_at_once_cost_one_refresh()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        nodes.Backend.Faults.Latency = TimeSpan.FromMilliseconds(60);

        await AssertServedByOneRefreshAsync(nodes, browser, pages: 500);
    }

    [RedisFact]
    public async Task Fifty_rounds_of_twenty_pages_cost_fifty_refreshes()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        for (var round = 0; round < 50; round++)
        {
            nodes.ExpireAccessTokens();
            // In some rounds the backend answers at once. In the other rounds all requests wait for it.
            nodes.Backend.Faults.Latency = TimeSpan.FromMilliseconds(round % 3 * 5);
            await AssertServedByOneRefreshAsync(nodes, browser, pages: 20);
        }
    }

    [RedisFact]
    public async Task A_blocked_user_is_signed_out_at_every_node()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.Backend.Block(DemoBackend.Email);

        var seconds = 0;
        while ((await browser.GetAsync("/app")).StatusCode is HttpStatusCode.ServiceUnavailable)
        {
            nodes.Time.Advance(TimeSpan.FromSeconds(5));
            seconds += 5;
        }

        Assert.InRange(seconds, 45, 60);
        Assert.Null(browser.Ticket);
    }

    [RedisFact]
    public async Task A_node_that_knows_of_a_refusal_forgets_it_when_another_node_was_accepted()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 2);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.Backend.Block(DemoBackend.Email);
        (await nodes.Visit(0, browser).GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        await UntilRefusedAsync(node: 1, isRefused: true);
        nodes.Backend.Block(DemoBackend.Email, isBlocked: false);
        nodes.Time.Advance(TimeSpan.FromSeconds(6));
        (await nodes.Visit(1, browser).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await UntilRefusedAsync(node: 0, isRefused: false);

        nodes.Backend.Block(DemoBackend.Email);
        nodes.Time.Advance(TimeSpan.FromSeconds(50));
        (await nodes.Visit(0, browser).GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        // A node writes a refusal, and the end of one, in the background.
        Task UntilRefusedAsync(int node, bool isRefused) =>
            Wait.UntilAsync(async () =>
            {
                var families = nodes.At(node).Services.GetRequiredService<ITokenFamilyStore>();
                var family = await families.GetAsync(nodes.At(0).TicketOf(browser)!.SessionId, bypassCache: true);
                return family?.AccessTokenRefusedSince is not null == isRefused;
            });
    }

    [RedisFact]
    public async Task Without_the_channel_nodes_notice_changes_within_a_second()
    {
        await using var redis = await RedisServer.NewAsync();
        await redis.AskAsync("ACL", "SETUSER", "default", "resetchannels");
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        nodes.Backend.Faults.Latency = TimeSpan.FromMilliseconds(60);
        await AssertServedByOneRefreshAsync(nodes, browser, pages: 20);

        // The other node read the session a moment ago and receives no message of the change.
        var copy = nodes.Visit(1, browser);
        (await copy.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await nodes.Visit(0, browser).SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
        (await copy.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        nodes.Time.Advance(TimeSpan.FromSeconds(1));
        // If the machine is too slow for one Redis command, the node serves one more page from memory.
        await Wait.UntilAsync(async () => (await copy.GetAsync("/app")).StatusCode is not HttpStatusCode.OK);
        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [RedisFact]
    public async Task An_old_cookie_is_served_from_memory_on_another_node()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        var older = browser.Copy();
        nodes.ExpireAccessTokens();
        (await nodes.Visit(0, browser).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        nodes.Time.Advance(TimeSpan.FromSeconds(10));
        (await nodes.Visit(1, older).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal((1, 0), (nodes.Backend.Refreshes, nodes.Backend.Reuses));
    }

    [RedisFact]
    public async Task Failed_sign_ins_count_at_all_nodes_together_and_while_Redis_is_away_at_each()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, configure: node => node.With("TokenSession:FailedSignInsPerClient", "4"));
        for (var guess = 0; guess < 4; guess++)
        {
            (await nodes.At(guess % 3).NewBrowser().SignInAsync(password: "wrong")).ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await nodes.At(2).NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.TooManyRequests);

        await redis.KillAsync();
        await nodes.UntilAwayAsync();
        (await nodes.At(2).NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task A_limit_that_is_exceeded_stays_used_up()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 1);
        nodes.At(0).NewBrowser();
        var counter = nodes.At(0).Services.GetRequiredService<IAttemptCounter>();
        var limit = new AttemptLimit("test", 7, TimeSpan.FromHours(1));
        Assert.Equal(7, await counter.GetRemainingAsync("key", limit));

        // Guesses at several nodes at the same moment.
        for (var attempt = 0; attempt < 9; attempt++)
        {
            await counter.CountAsync("key", limit);
        }

        Assert.Equal(0, await counter.GetRemainingAsync("key", limit));
    }

    [RedisFact]
    public async Task A_limit_that_a_wrong_clock_of_Redis_has_used_up_for_days_is_forgotten()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 1);
        (await nodes.At(0).NewBrowser().SignInAsync(password: "wrong")).ShouldBe(HttpStatusCode.Unauthorized);
        var keys = (string[])(await redis.AskAsync("KEYS", "*:attempts:*"))!;
        Assert.NotEmpty(keys);
        foreach (var key in keys)
        {
            await redis.AskAsync("SET", key, DateTimeOffset.UtcNow.AddDays(10).ToUnixTimeMilliseconds());
        }

        (await nodes.At(0).NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task Sign_out_on_one_node_is_known_on_every_other()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        var copy = nodes.Visit(1, browser);
        (await copy.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        (await nodes.Visit(0, browser).SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        // The clock stands still, so the state that the other node read a moment ago stays valid until the node receives a message.
        await Wait.UntilAsync(async () => (await copy.GetAndForgetAsync("/app")).StatusCode is HttpStatusCode.Redirect);
        Assert.Equal(0, nodes.Backend.LiveSessions);
    }

    [RedisFact]
    public async Task A_refresh_slower_than_the_lease_is_still_only_one()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        nodes.Backend.Faults.Gate = gate.Task;
        var first = nodes.Visit(0, browser).GetAsync("/app");
        await Wait.UntilAsync(() => nodes.Backend.CallsTo("/auth/refresh") is 1);
        var second = nodes.Visit(1, browser).GetAsync("/app");

        // The lease is four seconds on its own clock.
        var started = await redis.TimeAsync();
        await Wait.UntilAsync(async () => await redis.TimeAsync() - started > TimeSpan.FromSeconds(6));
        gate.SetResult();

        (await first).ShouldBe(HttpStatusCode.OK);
        (await second).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 0), (nodes.Backend.CallsTo("/auth/refresh"), nodes.Backend.Reuses));
    }

    [RedisFact]
    public async Task A_session_is_read_from_Redis_once_a_second_at_most()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 1);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        await browser.GetAsync("/app");
        // The browser sends the new cookie for the first time, and the node must record this.
        await browser.GetAsync("/app");
        var families = nodes.At(0).Services.GetRequiredService<ITokenFamilyStore>();
        await Wait.UntilAsync(async () =>
            (await families.GetAsync(nodes.At(0).TicketOf(browser)!.SessionId, bypassCache: true))!.Seen.Length is 1
        );
        var before = await redis.CallsAsync("hget");

        for (var second = 0; second < 3; second++)
        {
            nodes.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => browser.GetAsync("/app")));
        }

        Assert.InRange(await redis.CallsAsync("hget") - before, 1, 3);
    }

    [RedisFact]
    public async Task Everything_in_Redis_is_hashed_or_encrypted_and_expires()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        await browser.GetAsync("/app");
        var ticket = nodes.At(0).TicketOf(browser)!;

        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        var database = connection.GetDatabase();
        var keys = connection.GetServers()[0].Keys().Distinct().ToList();
        Assert.Contains(keys, key => key.ToString().Contains(":family:", StringComparison.Ordinal));
        foreach (var key in keys)
        {
            // The keys of Data Protection have their own expiry dates.
            Assert.True(
                key.ToString().EndsWith(":keys", StringComparison.Ordinal) || await database.KeyTimeToLiveAsync(key) is not null,
                $"{key} never expires."
            );
            var everything = $"{key}" + System.Text.Encoding.Latin1.GetString((await database.KeyDumpAsync(key))!);
            foreach (var secret in new[] { ticket.SessionId, ticket.Tokens.AccessToken, ticket.Tokens.RefreshToken, DemoBackend.Email })
            {
                Assert.DoesNotContain(secret[..12], everything, StringComparison.Ordinal);
            }
        }

        var family = Assert.Single(keys, key => key.ToString().Contains(":family:", StringComparison.Ordinal));
        Assert.InRange((long)await database.ExecuteAsync("MEMORY", "USAGE", family), 200, 2_048);
    }

    [RedisFact]
    public async Task A_user_of_Redis_with_few_rights_is_enough()
    {
        var prefix = TestSite.CookiePrefix;
        await using var redis = await RedisServer.NewAsync();
        await redis.AskAsync("ACL", "SETUSER", "site", "on", ">secret", $"~{prefix}:*", $"&{prefix}:changes", "+@all", "-@dangerous");
        await using var nodes = new Nodes($"{redis.Address},user=site,password=secret");
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();

        await AssertServedByOneRefreshAsync(nodes, browser, pages: 20);
    }

    [RedisFact]
    public async Task With_a_certificate_the_keys_in_Redis_are_encrypted_too()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("keys.pfx");
        using (var key = RSA.Create(2048))
        {
            var request = new CertificateRequest("CN=keys of the tickets", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "a password"));
        }

        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(
            redis.Address,
            count: 2,
            node =>
                node.With("TokenSession:DataProtectionCertificate", file)
                    .With("TokenSession:DataProtectionCertificatePassword", "a password")
        );
        var browser = await nodes.At(0).NewSignedInBrowserAsync();

        (await nodes.Visit(1, browser).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        var keys = $"{await redis.AskAsync("LINDEX", $"{TestSite.CookiePrefix}:keys", 0)}";
        Assert.Contains("EncryptedData", keys, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", keys, StringComparison.Ordinal);
        Assert.DoesNotContain(nodes.At(0).Log.Entries, entry => entry.Message.Contains("are not encrypted", StringComparison.Ordinal));
    }

    private static async Task AssertServedByOneRefreshAsync(Nodes nodes, TestBrowser browser, int pages)
    {
        var before = nodes.Backend.CallsTo("/auth/refresh");

        var answers = await Task.WhenAll(Enumerable.Range(0, pages).Select(_ => Task.Run(() => browser.GetAndForgetAsync("/app"))));

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((before + 1, 0), (nodes.Backend.CallsTo("/auth/refresh"), nodes.Backend.Reuses));
        Assert.Single(answers.Select(TestBrowser.AccessTokenIn).Distinct());
        browser.Keep(answers[Random.Shared.Next(pages)]);
    }
}
