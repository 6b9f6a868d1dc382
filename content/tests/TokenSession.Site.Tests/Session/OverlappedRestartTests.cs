using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Restarts of a site on one machine: the new process serves while the old one completes its last requests.</summary>
public sealed class OverlappedRestartTests
{
    /// <summary>TOKENSESSION_RESTARTS=50 runs for two minutes.</summary>
    private static readonly int Restarts = int.Parse(
        Environment.GetEnvironmentVariable("TOKENSESSION_RESTARTS") ?? "3",
        CultureInfo.InvariantCulture
    );

    [Fact]
    public async Task Restarts_under_load_sign_no_user_out()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using var backend = new DemoBackendServer();
        backend.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(4);
        var address = await backend.StartAsync();
        using var keys = new TemporaryFolder();
        await using var proxy = new SiteProxy();
        var current = NewSite(address, keys);
        try
        {
            await proxy.StartAsync([current]);
            var answers = new ConcurrentQueue<HttpStatusCode>();
            using var done = new CancellationTokenSource();
            var users = Enumerable.Range(0, 8).Select(_ => Task.Run(() => proxy.BrowseAsync(answers, done.Token))).ToList();
            for (var restart = 0; restart < Restarts; restart++)
            {
                var previous = current;
                current = NewSite(address, keys);
                await proxy.SendToAsync([previous, current]);
                var refreshes = backend.Backend.Refreshes;
                await Wait.UntilAsync(() => backend.Backend.Refreshes > refreshes);
                await proxy.SendToAsync([current]);
                await previous.StopAsync();
                await previous.DisposeAsync();
            }

            await Wait.UntilAsync(() => backend.Backend.Refreshes >= users.Count);
            await done.CancelAsync();
            await Task.WhenAll(users);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Restarts} restarts, {answers.Count} pages, {backend.Backend.Refreshes} refreshes."
            );
            Assert.Equal([HttpStatusCode.OK], answers.Distinct());
            Assert.Equal(0, backend.Backend.Reuses);
        }
        finally
        {
            await current.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_process_that_stops_completes_its_requests_and_counts_as_another_no_longer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using var backend = new DemoBackendServer();
        var address = await backend.StartAsync();
        using var keys = new TemporaryFolder();
        await using var site = NewSite(address, keys);
        var browser = await site.NewBrowserAsync();
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        var gate = new TaskCompletionSource();
        var calls = backend.Calls;
        backend.Backend.Faults.Gate = gate.Task;
        var page = browser.GetAsync("/app");
        // Any call: the options of the site decide which call a page sends first.
        await Wait.UntilAsync(() => backend.Calls > calls);

        var stop = site.StopAsync();
        var sessions = new SessionDirectory(Directory.GetDirectories(keys.Path).Single(), NullLogger<SessionDirectory>.Instance);
        await Wait.UntilAsync(() =>
        {
            var isReleased = sessions.TryOpen("in-use", out var file);
            file?.Dispose();
            return isReleased;
        });

        Assert.False(stop.IsCompleted);
        gate.SetResult();
        (await page).ShouldBe(HttpStatusCode.OK);
        await stop;
    }

    [Fact]
    public async Task A_process_that_is_killed_during_a_refresh_keeps_no_lock()
    {
        await using var backend = new DemoBackendServer();
        var address = await backend.StartAsync();
        using var keys = new TemporaryFolder();
        await using var first = NewSite(address, keys);
        await using var second = NewSite(address, keys);
        var (browser, atSecond) = (await first.NewBrowserAsync(), await second.NewBrowserAsync());
        backend.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(1);
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        backend.Backend.AccessTokenLifetime = TimeSpan.FromMinutes(1);
        await Wait.UntilAsync(() => browser.HasExpired);
        var gate = new TaskCompletionSource();
        backend.Backend.Faults.Gate = gate.Task;
        var lost = browser.GetAndForgetAsync("/app");
        await Wait.UntilAsync(() => backend.Backend.CallsTo("/auth/refresh") is 1);
        var waiting = atSecond.With(browser.Cookies).GetAndForgetAsync("/app");

        await first.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => lost);
        await Wait.UntilAsync(() => backend.GivenUp is 1);
        gate.SetResult();

        (await waiting).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 0), (backend.Backend.Refreshes, backend.Backend.Reuses));
    }

    // A busy machine can need longer than the default time limits, and a page that says "try again" proves nothing here.
    private static SiteProcess NewSite(string backend, TemporaryFolder keys) =>
        new(
            ("Backend:Url", backend),
            ("Backend:DataTimeout", "00:01:00"),
            ("TokenSession:RefreshTimeout", "00:01:00"),
            ("TokenSession:DataProtectionKeyDirectory", keys.Path)
        );
}
