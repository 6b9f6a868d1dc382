using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Tests.Infrastructure;

namespace TokenSessionSite.Tests.Session;

/// <summary>The Data Protection keys: kept across restarts, of no use to another site, and lost without drama.</summary>
public sealed class KeyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("keys-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_restart_signs_nobody_out()
    {
        var cookies = await SignInAsync(new TestSite().With("TokenSession:KeyFolder", folder));

        await using var restarted = new TestSite().With("TokenSession:KeyFolder", folder);
        var browser = restarted.NewBrowser().With(cookies);

        Assert.Contains("Sign out", await (await browser.GetAsync("/")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(cookies, browser.Cookies);
    }

    [Fact]
    public async Task Keys_that_were_lost_are_a_clean_sign_out_without_a_loop()
    {
        var cookies = await SignInAsync(new TestSite().With("TokenSession:KeyFolder", folder));

        await using var site = new TestSite().With("TokenSession:KeyFolder", Path.Combine(folder, "others"));
        var browser = site.NewBrowser().With(cookies);

        (await browser.GetAsync("/app")).ShouldLeadTo("/login");
        Assert.Equal([site.Options.AntiforgeryCookie], browser.Cookies.Keys);
        (await browser.GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
        (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldLeadTo("/app");
        Assert.Equal(0, site.RefreshCalls);
        Assert.DoesNotContain(site.Log.Entries, entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Another_site_with_the_same_folder_cannot_open_the_ticket()
    {
        var cookies = await SignInAsync(new TestSite().With("TokenSession:KeyFolder", folder));

        await using var other = new TestSite().With("TokenSession:KeyFolder", folder).With("TokenSession:CookiePrefix", "other");
        var browser = other
            .NewBrowser()
            .With(
                cookies.ToDictionary(
                    cookie => cookie.Key.Replace("tokensession_site", "other", StringComparison.Ordinal),
                    cookie => cookie.Value
                )
            );

        (await browser.GetAsync("/app")).ShouldLeadTo("/login");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_stops_the_start_and_is_named()
    {
        var file = Path.Combine(folder, "a-file");
        await File.WriteAllTextAsync(file, "");
        await using var site = new TestSite().With("TokenSession:KeyFolder", Path.Combine(file, "keys"));

        var failure = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());

        Assert.Contains("TokenSession:KeyFolder", failure.Message, StringComparison.Ordinal);
        Assert.Contains("outlives a restart", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_else_on_this_machine_reads_the_keys()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows encrypts them for the account instead.");
        var keys = Path.Combine(folder, "new");
        await SignInAsync(new TestSite().With("TokenSession:KeyFolder", keys));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(keys));
        }
    }

    private static async Task<Dictionary<string, string>> SignInAsync(TestSite site)
    {
        await using (site)
        {
            var browser = site.NewBrowser();
            (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldLeadTo("/app");
            return browser.Cookies;
        }
    }
}
