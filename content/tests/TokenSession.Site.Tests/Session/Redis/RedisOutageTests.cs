using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>If Redis fails in any way, each node works without it and signs no user out. When Redis is available again, the nodes share
/// their sessions again.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class RedisOutageTests
{
    private static readonly Func<RedisServer, Task> Dies = redis => redis.KillAsync(),
        Hangs = redis => redis.HangAsync(),
        IsFull = redis => redis.AskAsync("CONFIG", "SET", "maxmemory", "1"),
        ComesBackEmpty = redis => redis.StartAsync(),
        Continues = redis => redis.ContinueAsync(),
        IsEnlarged = redis => redis.AskAsync("CONFIG", "SET", "maxmemory", "0");

    [RedisFact]
    public Task It_dies_and_comes_back_empty() => AssertKeptAsync(Dies, ComesBackEmpty);

    [RedisFact]
    public Task It_hangs_and_continues() => AssertKeptAsync(Hangs, Continues);

    [RedisFact]
    public Task It_is_full_and_is_enlarged() => AssertKeptAsync(IsFull, IsEnlarged);

    [RedisFact]
    public async Task It_is_only_slow_and_no_two_nodes_refresh()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        await AssertSharedAsync(nodes, browser);
        nodes.ExpireAccessTokens();
        var before = nodes.Backend.Refreshes;

        await redis.HangAsync();
        var pages = Enumerable.Range(0, 12).Select(_ => Task.Run(() => browser.GetAndForgetAsync("/app"))).ToList();
        await nodes.UntilAwayAsync();
        await redis.ContinueAsync();

        Assert.All(await Task.WhenAll(pages), page => page.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((before + 1, 0), (nodes.Backend.Refreshes, nodes.Backend.Reuses));
    }

    [RedisFact]
    public async Task It_fails_over_to_a_replica()
    {
        await using var master = await RedisServer.NewAsync("--repl-diskless-sync-delay", "0");
        await using var replica = await RedisServer.NewAsync("--replicaof", master.Address.Replace(':', ' '));
        await using var nodes = new Nodes($"{master.Address},{replica.Address}");
        var browser = await nodes.NewSignedInBrowserAsync();
        await AssertSharedAsync(nodes, browser);
        // The replica may lack the newest data. The nodes still have it.
        await Wait.UntilAsync(async () =>
            $"{await replica.AskAsync("INFO", "replication")}".Contains("master_link_status:up", StringComparison.Ordinal)
        );

        await master.KillAsync();
        await replica.AskAsync("REPLICAOF", "NO", "ONE");
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await nodes.UntilSharedAsync();

        await AssertSharedAsync(nodes, browser);
        Assert.Equal(0, nodes.Backend.Reuses);
    }

    [RedisFact]
    public async Task A_node_does_not_start_without_Redis_and_says_what_to_check()
    {
        await using var nodes = new Nodes(RedisServer.NotStarted().Address, count: 1);

        var exception = await StartAsync(nodes);

        Assert.Contains("does not answer. Check that it runs.", exception.Message, StringComparison.Ordinal);
    }

    [RedisTheory]
    [InlineData("", "refused the user or the password")]
    [InlineData(",password=wrong", "refused the user or the password")]
    [InlineData(",user=nobody,password=secret", "refused the user or the password")]
    [InlineData(",user=reader,password=secret", "refused a command: ERR The user executing the script can't run this command")]
    public async Task A_connection_that_Redis_refuses_is_named_at_the_start(string connection, string cause)
    {
        await using var redis = await RedisServer.NewWithPasswordAsync("secret");
        await redis.AskAsync("ACL", "SETUSER", "reader", "on", ">secret", "~*", "&*", "+@all", "-@write");
        await using var nodes = new Nodes(redis.Address + connection, count: 1);

        var exception = await StartAsync(nodes);

        Assert.Contains(cause, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", $"{exception}", StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Over_TLS_the_certificate_has_to_be_trusted()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("redis.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        await using var redis = await RedisServer.NewWithTlsAsync(file);
        await using var nodes = new Nodes($"{redis.TlsAddress},ssl=true", count: 1);
        await using var trusting = new SiteProcess(
            ("Backend:Url", "http://localhost:1"),
            ("ConnectionStrings:Redis", $"{redis.TlsAddress},ssl=true"),
            ("SSL_CERT_FILE", file)
        );

        var exception = await StartAsync(nodes);

        Assert.Contains("There is no TLS connection to Redis at localhost", exception.Message, StringComparison.Ordinal);
        (await (await trusting.NewBrowserAsync()).GetAsync("/health/live")).ShouldBe(HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task A_node_waits_for_a_Redis_that_starts_at_the_same_time()
    {
        await using var redis = RedisServer.NotStarted();
        await using var nodes = new Nodes(redis.Address, count: 1);
        var start = Task.Run(() => nodes.At(0).NewBrowser());

        await redis.StartAsync();

        (await (await start).SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task Without_Redis_a_node_is_degraded_and_ready_and_the_backend_is_reported_separately()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 1);
        var browser = nodes.At(0).NewBrowser();
        await Wait.UntilAsync(async () => await HealthAsync(browser) is ("Healthy", "Healthy", "Healthy"));

        await redis.KillAsync();
        await Wait.UntilAsync(async () => (await HealthAsync(browser)).Redis is "Degraded");

        Assert.Equal(("Degraded", "Degraded", "Healthy"), await HealthAsync(browser));
        Assert.Equal(0, nodes.Backend.CallsTo("/auth/refresh"));
    }

    [RedisFact]
    public async Task What_the_backend_refuses_in_an_outage_ends_no_session_until_the_others_can_be_asked()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        var older = browser.Copy();
        nodes.ExpireAccessTokens();
        await redis.KillAsync();
        await nodes.UntilAloneAsync();
        (await nodes.Visit(0, browser).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        // The node that receives the old cookie cannot know that its token was already exchanged. It learns this from the backend and does
        // not send the token again.
        var calls = nodes.Backend.CallsTo("/auth/refresh");
        var visitor = nodes.Visit(1, older);
        for (var page = 0; page < 3; page++)
        {
            (await visitor.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            nodes.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.NotEmpty(visitor.Cookies);
        Assert.Equal(calls + 1, nodes.Backend.CallsTo("/auth/refresh"));

        // When Redis is available again, the first node writes the new token to it.
        await redis.StartAsync();
        await Wait.UntilAsync(async () => (await visitor.GetAsync("/app")).StatusCode is HttpStatusCode.OK);
        Assert.Equal(calls + 1, nodes.Backend.CallsTo("/auth/refresh"));
    }

    [RedisFact]
    public async Task A_sign_out_that_Redis_has_lost_is_saved_again()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 2);
        var browser = await nodes.NewSignedInBrowserAsync();
        var copy = nodes.Visit(1, browser);
        (await nodes.Visit(0, browser).SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        // The other node has never seen this session.
        await redis.KillAsync();
        await nodes.UntilAloneAsync();
        await redis.StartAsync();
        await nodes.UntilSharedAsync();

        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [RedisFact]
    public async Task If_one_family_cannot_be_read_the_others_are_still_written()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 1);
        var families = nodes.At(0).Services.GetRequiredService<ITokenFamilyStore>();
        var now = nodes.Time.GetUtcNow();
        string[] sessions = [.. Enumerable.Range(0, 20).Select(session => $"session {session}")];
        foreach (var session in sessions)
        {
            await families.UpdateAsync(session, known => known.SignedOut(now).WithExpiry(now.AddDays(1)));
        }

        foreach (var (index, session) in sessions.Index())
        {
            await (
                index % 2 is 0 ? redis.AskAsync("HSET", KeyOf(session), "v", "7", "d", "garbage") : redis.AskAsync("DEL", KeyOf(session))
            );
        }

        // The node connects again, and writes what Redis does not have.
        await redis.AskAsync("CLIENT", "KILL", "TYPE", "normal");
        await Wait.UntilAsync(async () =>
        {
            foreach (var session in sessions)
            {
                if ((int)await redis.AskAsync("HSTRLEN", KeyOf(session), "d") < 100)
                {
                    return false;
                }
            }

            return true;
        });

        string KeyOf(string session) => $"{TestSite.CookiePrefix}:family:{SharedTokenFamilyStore.Hash(session)}";
    }

    [RedisFact]
    public async Task A_lock_that_Redis_has_lost_is_taken_again()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address, count: 2);
        var browser = await nodes.NewSignedInBrowserAsync();
        nodes.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        nodes.Backend.Faults.Gate = gate.Task;
        var first = nodes.Visit(0, browser).GetAsync("/app");
        await Wait.UntilAsync(() => nodes.Backend.CallsTo("/auth/refresh") is 1);

        await redis.AskAsync("FLUSHALL");
        await Wait.UntilAsync(async () => $"{await redis.AskAsync("KEYS", "*:lock:*")}" != $"{await redis.AskAsync("KEYS", "nothing")}");
        var second = nodes.Visit(1, browser).GetAsync("/app");
        gate.SetResult();

        (await first).ShouldBe(HttpStatusCode.OK);
        (await second).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 0), (nodes.Backend.CallsTo("/auth/refresh"), nodes.Backend.Reuses));
    }

    [RedisFact]
    public async Task A_sign_out_during_an_outage_reaches_the_others_after_it()
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        var copy = browser.Copy();
        await redis.KillAsync();
        await nodes.UntilAloneAsync();
        (await nodes.Visit(0, browser).SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        await redis.StartAsync();
        await nodes.UntilSharedAsync();
        nodes.Time.Advance(TimeSpan.FromSeconds(2));

        await Wait.UntilAsync(async () => (await nodes.Visit(1, copy).GetAndForgetAsync("/app")).StatusCode is HttpStatusCode.Redirect);
    }

    /// <summary>Returns the exception of a start without Redis.</summary>
    private static async Task<InvalidOperationException> StartAsync(Nodes nodes)
    {
        var start = Task.Run(() => nodes.At(0).NewBrowser());
        await Wait.UntilAsync(() =>
        {
            nodes.Time.Advance(TimeSpan.FromSeconds(1));
            return start.IsCompleted;
        });
        return await Assert.ThrowsAsync<InvalidOperationException>(() => start);
    }

    /// <summary>Checks what must be true for every outage.</summary>
    private static async Task AssertKeptAsync(Func<RedisServer, Task> goesAway, Func<RedisServer, Task> comesBack)
    {
        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(redis.Address);
        var browser = await nodes.NewSignedInBrowserAsync();
        await AssertSharedAsync(nodes, browser);

        await goesAway(redis);
        await nodes.UntilAloneAsync();
        for (var expiry = 0; expiry < 3; expiry++)
        {
            // Requests one page after another. A node needs only the cookies of the browser.
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            nodes.ExpireAccessTokens();
        }

        var at = nodes.Visit(0, browser);
        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => at.GetAndForgetAsync("/app")));
        Assert.All(pages, page => page.ShouldBe(HttpStatusCode.OK));
        browser.Keep(pages[0]);
        Assert.Contains(
            nodes.At(0).Log.Entries,
            entry => entry.Message.Contains("continues with its own memory", StringComparison.Ordinal)
        );

        await comesBack(redis);
        await nodes.UntilSharedAsync();
        await AssertSharedAsync(nodes, browser);
        Assert.Equal(0, nodes.Backend.Reuses);
    }

    /// <summary>After a refresh on one node, the other nodes have the new tokens.</summary>
    private static async Task AssertSharedAsync(Nodes nodes, TestBrowser browser)
    {
        nodes.ExpireAccessTokens();
        var older = browser.Copy();
        var before = nodes.Backend.Refreshes;
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        nodes.Time.Advance(TimeSpan.FromSeconds(2));
        for (var node = 0; node < nodes.Count; node++)
        {
            (await nodes.Visit(node, older).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }

        Assert.Equal((before + 1, 0), (nodes.Backend.Refreshes, nodes.Backend.Reuses));
    }

    private static async Task<(string Site, string Redis, string Backend)> HealthAsync(TestBrowser browser)
    {
        var answer = await browser.GetAsync("/health/ready");
        answer.ShouldBe(HttpStatusCode.OK);
        var health = await answer.Content.ReadFromJsonAsync<Health>();
        return (health!.Status, health.Checks["redis"].Status, health.Checks["backend"].Status);
    }

    private sealed record Health(string Status, Dictionary<string, Check> Checks);

    private sealed record Check(string Status, string? Description);
}
