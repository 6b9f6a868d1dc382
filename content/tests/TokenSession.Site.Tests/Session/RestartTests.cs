using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Restarts of a site without Redis: the new process serves while the old one completes its last requests.</summary>
public sealed class RestartTests
{
    /// <summary>TOKENSESSION_RESTARTS=50 runs for two minutes.</summary>
    private static readonly int Restarts = int.Parse(
        Environment.GetEnvironmentVariable("TOKENSESSION_RESTARTS") ?? "3",
        CultureInfo.InvariantCulture
    );

    [Fact]
    public async Task Restarts_under_load_sign_nobody_out()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using var backend = new DemoBackendServer();
        backend.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(4);
        var address = await backend.StartAsync();
        var keys = Directory.CreateTempSubdirectory("keys-").FullName;
        SiteProcess NewSite() => new(("Backend:Url", address), ("TokenSession:DataProtectionKeyDirectory", keys));
        await using var proxy = new SiteProxy();
        var current = NewSite();
        try
        {
            await proxy.StartAsync([current]);
            var answers = new ConcurrentQueue<HttpStatusCode>();
            using var done = new CancellationTokenSource();
            var users = Enumerable.Range(0, 8).Select(_ => Task.Run(() => proxy.BrowseAsync(answers, done.Token))).ToList();
            for (var restart = 0; restart < Restarts; restart++)
            {
                var previous = current;
                current = NewSite();
                await proxy.SendToAsync([previous, current]);
                var before = answers.Count;
                await Wait.UntilAsync(() => answers.Count > before + 20);
                await proxy.SendToAsync([current]);
                await previous.StopAsync();
                Assert.DoesNotContain("Another process", previous.Output, StringComparison.Ordinal);
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
            Directory.Delete(keys, recursive: true);
        }
    }
}
