namespace EndToEnd;

/// <summary>The session in a third engine: sign-in, refresh, sign-out.</summary>
public sealed class WebKitTests
{
    private const string Indicator = "document.cookie.match(/_session=([^;]*)/)?.[1]";

    [WebKitFact]
    public Task An_open_page_refreshes_before_the_access_token_expires() =>
        VisitAsync(
            async (site, browser) =>
            {
                site.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(5);
                await SignInAsync(site, browser);
                var before = await browser.RunAsync(Indicator);

                await Visit.UntilAsync(async () => await browser.RunAsync(Indicator) != before, "the session indicator changed");

                Assert.Equal(0, site.Backend.Reuses);
            }
        );

    [WebKitFact]
    public Task After_a_sign_out_back_shows_nothing_private() =>
        VisitAsync(
            async (site, browser) =>
            {
                await SignInAsync(site, browser);

                await browser.ClickAsync("[data-sign-out]");
                await UntilAtAsync(browser, "/");
                Assert.Equal(0, site.Backend.LiveSessions);

                // This engine also keeps pages with no-store for the back button.
                await browser.BackAsync();
                await UntilAtAsync(browser, "/login");
            }
        );

    private static async Task VisitAsync(Func<TestSite, WebKitDriver, Task> test)
    {
        await using var site = new TestSite();
        await using var browser = await WebKitDriver.StartAsync();
        await test(site, browser);
    }

    private static async Task SignInAsync(TestSite site, WebKitDriver browser)
    {
        await browser.GoAsync(new(site.Address, "/login"));
        await browser.TypeAsync("#Email", DemoBackend.Email);
        await browser.TypeAsync("#Password", DemoBackend.Password);
        await browser.ClickAsync("main form button[type=submit]");
        await UntilAtAsync(browser, "/app");
        Assert.Contains(DemoBackend.Email, await browser.RunAsync("document.body.innerText"), StringComparison.Ordinal);
    }

    private static Task UntilAtAsync(WebKitDriver browser, string path) =>
        Visit.UntilAsync(
            async () => await browser.RunAsync("document.readyState === 'complete' ? location.pathname : ''") == path,
            $"the browser shows {path}"
        );
}
