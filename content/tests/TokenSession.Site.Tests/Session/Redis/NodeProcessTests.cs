using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>Nodes as real processes, which die and are restarted.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class NodeProcessTests : IAsyncLifetime
{
    private readonly DemoBackendServer backend = new();
    private RedisServer? redis;
    private string backendAddress = "";

    public async ValueTask InitializeAsync()
    {
        redis = RedisServer.IsThere ? await RedisServer.NewAsync() : null;
        backendAddress = await backend.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await backend.DisposeAsync();
        await (redis?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [RedisFact]
    public async Task A_node_that_is_killed_before_its_refresh_arrives_only_delays_the_others_by_its_lease()
    {
        await using var first = NewNode();
        await using var second = NewNode();
        var (browser, waiting) = await KillDuringRefreshAsync(
            first,
            second,
            gate => backend.Backend.Faults.Gate = gate,
            () => backend.Backend.CallsTo("/auth/refresh") is 1
        );

        (await waiting).ShouldBe(HttpStatusCode.OK);

        Assert.Equal((1, 0), (backend.Backend.Refreshes, backend.Backend.Reuses));
        browser.Keep(await waiting);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task A_node_that_is_killed_before_it_has_stored_the_new_tokens_costs_one_sign_in()
    {
        await using var first = NewNode();
        await using var second = NewNode();
        var (browser, waiting) = await KillDuringRefreshAsync(
            first,
            second,
            gate => backend.HeldAnswers = gate,
            () => backend.Backend.Refreshes is 1
        );

        (await waiting).ShouldRedirectTo("/login");

        Assert.Equal((1, 1), (backend.Backend.Refreshes, backend.Backend.Reuses));
        browser.Keep(await waiting);
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task A_node_that_is_paused_for_longer_than_its_lease_sends_no_token_that_another_node_has_spent()
    {
        const int Sessions = 20;
        var gate = Path.GetTempFileName();
        File.Delete(gate);
        await using var frozen = new SiteProcess(
            ("Backend:Url", backendAddress),
            ("ConnectionStrings:Redis", redis!.Address),
            ("TokenSession:RefreshTimeout", "00:00:30"),
            (RefreshGate.Variable, gate)
        );
        await using var other = NewNode();
        backend.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(1);
        var browsers = new List<TestBrowser>();
        for (var session = 0; session < Sessions; session++)
        {
            var browser = await frozen.NewBrowserAsync();
            (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
            browsers.Add(browser);
        }

        backend.Backend.AccessTokenLifetime = TimeSpan.FromMinutes(1);
        await Wait.UntilAsync(() => browsers.TrueForAll(browser => browser.HasExpired));
        await File.WriteAllTextAsync(gate, "");
        var pages = browsers.Select(browser => browser.GetAndForgetAsync("/app")).ToList();
        await Wait.UntilAsync(() => frozen.Output.Split("A refresh is held.").Length is Sessions + 1);
        await frozen.FreezeAsync();
        var thaw = Task.Delay(2 * RefreshLease.Duration);
        var atOther = await other.NewBrowserAsync();
        var others = await Task.WhenAll(browsers.Select(browser => atOther.With(browser.Cookies).GetAndForgetAsync("/app")));
        await thaw;
        await frozen.ContinueAsync();

        // The node takes the locks again, because they are free. But the data that it read before is too old.
        await Wait.UntilAsync(async () => ((string[])(await redis.AskAsync("KEYS", "*:lock:*"))!).Length is Sessions);
        File.Delete(gate);

        Assert.All(others, page => page.ShouldBe(HttpStatusCode.OK));
        Assert.All(await Task.WhenAll(pages), page => page.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((Sessions, 0), (backend.Backend.Refreshes, backend.Backend.Reuses));
    }

    [RedisFact]
    public async Task Three_nodes_restarted_in_turn_under_load_sign_no_user_out()
    {
        backend.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(6);
        await using var proxy = new SiteProxy();
        var nodes = new List<SiteProcess> { NewNode(), NewNode(), NewNode() };
        try
        {
            await proxy.StartAsync(nodes);
            var answers = new ConcurrentQueue<HttpStatusCode>();
            using var done = new CancellationTokenSource();
            var users = Enumerable.Range(0, 8).Select(_ => Task.Run(() => proxy.BrowseAsync(answers, done.Token))).ToList();
            var enough = TimeSpan.FromSeconds(
                double.Parse(Environment.GetEnvironmentVariable("TOKENSESSION_LOAD_SECONDS") ?? "0", CultureInfo.InvariantCulture)
            );
            var started = TimeProvider.System.GetTimestamp();

            do
            {
                for (var node = 0; node < nodes.Count; node++)
                {
                    await RestartAsync(proxy, nodes, node, answers);
                }
            } while (TimeProvider.System.GetElapsedTime(started) < enough || backend.Backend.Refreshes < users.Count);

            await done.CancelAsync();
            await Task.WhenAll(users);
            foreach (var node in nodes)
            {
                TestContext.Current.TestOutputHelper?.WriteLine(node.Output);
            }

            Assert.Equal([HttpStatusCode.OK], answers.Distinct());
            Assert.Equal(0, backend.Backend.Reuses);
            TestContext.Current.TestOutputHelper?.WriteLine($"{answers.Count} pages, {backend.Backend.Refreshes} refreshes.");
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private SiteProcess NewNode() => new(("Backend:Url", backendAddress), ("ConnectionStrings:Redis", redis!.Address));

    /// <summary>The refresh of the first node is held at this gate when the node is killed. A page at the second node is waiting.</summary>
    private async Task<(TestBrowser Browser, Task<HttpResponseMessage> Waiting)> KillDuringRefreshAsync(
        SiteProcess first,
        SiteProcess second,
        Action<Task> hold,
        Func<bool> isHeld
    )
    {
        var browser = await first.NewBrowserAsync();
        backend.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(1);
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        backend.Backend.AccessTokenLifetime = TimeSpan.FromMinutes(1);
        await Wait.UntilAsync(() => browser.HasExpired);
        var held = new TaskCompletionSource();
        hold(held.Task);
        var lost = browser.GetAndForgetAsync("/app");
        await Wait.UntilAsync(isHeld);

        var browserAtSecond = (await second.NewBrowserAsync()).With(browser.Cookies);
        var waiting = browserAtSecond.GetAndForgetAsync("/app");
        hold(Task.CompletedTask);
        await first.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => lost);
        await Wait.UntilAsync(() => backend.GivenUp is 1);
        held.SetResult();
        return (browserAtSecond, waiting);
    }

    /// <summary>Does the same as a load balancer: the node receives no new requests and then stops. The new node receives requests when it
    /// is ready.</summary>
    private async Task RestartAsync(SiteProxy proxy, List<SiteProcess> nodes, int node, ConcurrentQueue<HttpStatusCode> answers)
    {
        var before = answers.Count;
        await Wait.UntilAsync(() => answers.Count > before + 50);
        await proxy.SendToAsync(nodes.Where((_, index) => index != node));
        await nodes[node].StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(nodes[node].Output);
        await nodes[node].DisposeAsync();
        nodes[node] = NewNode();
        await proxy.SendToAsync(nodes);
    }
}
