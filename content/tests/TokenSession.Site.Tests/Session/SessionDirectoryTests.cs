using System.Net;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A process still knows its sessions after a restart, and two processes that overlap in a restart share their sessions.</summary>
public sealed class SessionDirectoryTests : IAsyncDisposable
{
    private readonly TemporaryFolder keys = new();
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private readonly DemoBackend backend;
    private readonly List<TestSite> sites = [];

    public SessionDirectoryTests() => backend = new(time);

    private string Sessions => keys.PathOf(TestSite.CookiePrefix + "-sessions");

    public async ValueTask DisposeAsync()
    {
        foreach (var site in sites)
        {
            await site.DisposeAsync();
        }

        keys.Dispose();
    }

    [Fact]
    public async Task After_a_restart_an_older_cookie_is_served_without_a_refresh()
    {
        await using var first = NewSite();
        var browser = await first.NewSignedInBrowserAsync();
        var older = browser.Copy();
        first.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await first.DisposeAsync();

        var second = NewSite();
        (await second.NewBrowser().With(older.Cookies).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal((1, 0), (backend.Refreshes, backend.Reuses));
    }

    [Fact]
    public async Task After_a_restart_a_superseded_cookie_is_still_refused()
    {
        await using var first = NewSite();
        var browser = await first.NewSignedInBrowserAsync();
        var older = browser.Copy();
        first.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync(async () => (await StoreOf(first).GetAsync(IdOf(first, browser), bypassCache: true))!.Seen.Length is 1);
        await first.DisposeAsync();
        // The grace period of tokens that live for a minute.
        time.Advance(TimeSpan.FromSeconds(61));

        var second = NewSite();
        (await second.NewBrowser().With(older.Cookies).GetAsync("/app")).ShouldRedirectTo("/login");
        (await second.NewBrowser().With(browser.Cookies).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal(0, backend.Reuses);
    }

    [Fact]
    public async Task A_restart_forgets_no_sign_out()
    {
        await using var first = NewSite();
        var browser = await first.NewSignedInBrowserAsync();
        var copy = browser.Copy();
        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
        await first.DisposeAsync();

        var second = NewSite();

        (await second.NewBrowser().With(copy.Cookies).GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task Two_processes_refresh_once()
    {
        var (first, second) = (NewSite(), NewSite());
        var browser = await first.NewSignedInBrowserAsync();
        backend.Faults.Latency = TimeSpan.FromMilliseconds(20);
        for (var round = 1; round <= 20; round++)
        {
            time.Advance(backend.AccessTokenLifetime + TimeSpan.FromSeconds(1));

            var pages = await Task.WhenAll(
                Enumerable
                    .Range(0, 20)
                    .Select(page => (page % 2 is 0 ? first : second).NewBrowser().With(browser.Cookies).GetAndForgetAsync("/app"))
            );

            Assert.All(pages, page => page.ShouldBe(HttpStatusCode.OK));
            Assert.Equal((round, 0), (backend.Refreshes, backend.Reuses));
            browser.Keep(pages[0]);
        }
    }

    [Fact]
    public Task What_another_process_stored_is_read_before_a_change_is_tried_again() =>
        SharedTokenFamilyStoreTests.AssertReadBeforeRetryAsync(StoreOf(NewSite()), StoreOf(NewSite()), time.GetUtcNow());

    [Fact]
    public async Task A_sign_out_at_one_process_is_known_at_the_other_within_a_second()
    {
        var (first, second) = (NewSite(), NewSite());
        var browser = await first.NewSignedInBrowserAsync();
        var copy = second.NewBrowser().With(browser.Cookies);
        (await copy.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
        time.Advance(TimeSpan.FromSeconds(1));

        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task Another_process_is_logged_within_seconds_with_the_remedy()
    {
        var first = NewSite();
        first.NewBrowser();
        await Wait.UntilAsync(() => File.Exists(Path.Combine(Sessions, "in-use")));
        var second = NewSite();
        second.NewBrowser();

        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Warnings(second).Any();
        });
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains("docs/scale-out.md", Assert.Single(Warnings(second)).Message, StringComparison.Ordinal);
        Assert.Empty(Warnings(first));
    }

    [Fact]
    public async Task A_process_that_stops_is_not_logged()
    {
        var (first, second) = (NewSite(), NewSite());
        first.NewBrowser();
        await Wait.UntilAsync(() => File.Exists(Path.Combine(Sessions, "in-use")));

        // It still completes its last requests, and has released the file.
        first.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await Wait.UntilAsync(() =>
        {
            var isOpen = !new SessionDirectory(Sessions, new Logger<SessionDirectory>(new LoggerFactory())).TryOpen("in-use", out var file);
            file?.Dispose();
            return !isOpen;
        });
        second.NewBrowser();
        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return second.Services.GetRequiredService<SessionDirectory>().TryOpen("in-use", out var file) is false || Close(file);
        });

        Assert.Empty(Warnings(second));

        static bool Close(FileStream? file)
        {
            file?.Dispose();
            return false;
        }
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_costs_no_session_and_is_logged_once()
    {
        await File.WriteAllTextAsync(Sessions, "a file in its place");
        var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var older = browser.Copy();
        for (var refresh = 1; refresh <= 3; refresh++)
        {
            older = browser.Copy();
            site.ExpireAccessTokens();
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }

        (await older.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((3, 0), (backend.Refreshes, backend.Reuses));
        var error = Assert.Single(site.Log.Entries, entry => entry.Level is LogLevel.Error);
        Assert.Contains("Check the disk and the permissions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_are_encrypted_and_deleted_when_they_are_old()
    {
        await using var first = NewSite();
        var browser = await first.NewSignedInBrowserAsync();
        first.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        var ticket = first.TicketOf(browser)!;
        await first.DisposeAsync();
        var files = Directory.GetFiles(Sessions).ToList();
        Assert.Contains(files, file => file.EndsWith(".family", StringComparison.Ordinal));
        foreach (var file in files)
        {
            var everything = file + Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            foreach (var secret in new[] { ticket.SessionId, ticket.Tokens.AccessToken, ticket.Tokens.RefreshToken, DemoBackend.Email })
            {
                Assert.DoesNotContain(secret[..12], everything, StringComparison.Ordinal);
            }
        }

        // A lock may be in use for as long as its session can live.
        var limits = new TokenSessionOptions();
        Age("*", limits.IdleTimeout);
        await using (var second = NewSite())
        {
            second.NewBrowser();
            await UntilDeletedAsync("*.family");
        }

        Assert.NotEmpty(Directory.GetFiles(Sessions, "*.lock"));

        Age("*", limits.AbsoluteTimeout);
        NewSite().NewBrowser();
        await UntilDeletedAsync("*.lock");
        Assert.NotEmpty(Directory.GetFiles(Sessions, "in-use"));

        void Age(string pattern, TimeSpan age) =>
            Array.ForEach(
                Directory.GetFiles(Sessions, pattern),
                file => File.SetLastWriteTimeUtc(file, DateTime.UtcNow - age - TimeSpan.FromDays(1.1))
            );

        Task UntilDeletedAsync(string pattern) => Wait.UntilAsync(() => Directory.GetFiles(Sessions, pattern).Length is 0);
    }

    [Fact]
    public async Task Keys_in_another_place_leave_the_sessions_in_memory()
    {
        var site = NewSite()
            .With(services => services.Configure<KeyManagementOptions>(options => options.XmlRepository = new OtherPlace()));
        var browser = await site.NewSignedInBrowserAsync();
        var older = browser.Copy();
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        (await older.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 0), (backend.Refreshes, backend.Reuses));
        Assert.False(Directory.Exists(Sessions));
    }

    [Fact]
    public async Task A_failed_write_is_no_exception_for_the_request()
    {
        var directory = new SessionDirectory(Sessions, new Logger<SessionDirectory>(new LoggerFactory()));

        Assert.Null(await directory.UseAsync<bool>("a file", _ => throw new IOException("No space left on device")));
        Assert.Equal(7, (await directory.UseAsync("a file", _ => 7))!.Value.Value);
    }

    [Fact]
    public async Task A_file_that_another_process_has_open_is_waited_for()
    {
        var directory = new SessionDirectory(Sessions, new Logger<SessionDirectory>(new LoggerFactory()));
        Assert.True(directory.TryOpen("a file", out var other));
        var waiting = directory.UseAsync("a file", _ => 7).AsTask();

        Assert.False(directory.TryOpen("a file", out _));
        Assert.False(waiting.IsCompleted);
        await other!.DisposeAsync();

        Assert.Equal(7, (await waiting)!.Value.Value);
    }

    [Fact]
    public async Task Only_the_account_of_the_site_reads_the_files()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await using var site = NewSite();
        site.NewBrowser();
        await Wait.UntilAsync(() => Directory.Exists(Sessions));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Sessions));
        }
    }

    [Fact]
    public async Task A_sign_out_without_a_readable_ticket_writes_no_file()
    {
        var site = NewSite();
        var browser = site.NewBrowser();
        browser.Cookies[TestSite.CookiePrefix + "_refresh_token"] = "CfDJ8-of-other-keys";

        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        await Wait.UntilAsync(() => Directory.Exists(Sessions));
        Assert.Empty(Directory.GetFiles(Sessions, "*.family"));
    }

    private static ITokenFamilyStore StoreOf(TestSite site) => site.Services.GetRequiredService<ITokenFamilyStore>();

    private static string IdOf(TestSite site, TestBrowser browser) => site.TicketOf(browser)!.SessionId;

    private static IEnumerable<LogRecorder.Entry> Warnings(TestSite site) =>
        site.Log.Entries.Where(entry => entry.Message.Contains("Another process", StringComparison.Ordinal));

    private sealed class OtherPlace : IXmlRepository
    {
        private readonly List<XElement> keys = [];

        public IReadOnlyCollection<XElement> GetAllElements() => [.. keys];

        public void StoreElement(XElement element, string friendlyName) => keys.Add(element);
    }

    private TestSite NewSite()
    {
        var site = new TestSite { Time = time, SharesSessions = true }
            .With("TokenSession:DataProtectionKeyDirectory", keys.Path)
            .With(services => services.AddSingleton(backend));
        sites.Add(site);
        return site;
    }
}
