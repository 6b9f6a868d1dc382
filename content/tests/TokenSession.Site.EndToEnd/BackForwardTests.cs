using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>The back button shows a page of a guest at once, and nothing of an ended session.</summary>
public sealed class BackForwardTests(BackForwardTests.Fixture browser) : IClassFixture<BackForwardTests.Fixture>
{
    [Fact]
    public Task A_page_of_a_guest_comes_back_unchanged() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await OpenAndLeaveAsync(visit);
            // The start of another page would remove this page from the cache if it sent a message to it.
            await (await visit.NewTabAsync()).GotoAsync("/");

            await BackAsync(tab);

            Assert.True(await HasStayedAsync(tab));
        });

    [Fact]
    public Task A_page_of_a_guest_is_reloaded_after_a_sign_in() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await OpenAndLeaveAsync(visit);
            await new LoginPage(tab).SignInAsync();

            await BackAsync(tab);

            await Expect(new SiteHeader(tab).SignOut).ToBeVisibleAsync();
            Assert.False(await HasStayedAsync(tab));
        });

    [Fact]
    public Task A_login_page_comes_back_without_its_password() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            await login.Password.FillAsync("a password");
            await login.Tab.EvaluateAsync("() => { globalThis.hasStayed = true; }");
            await login.Tab.GotoAsync("/");

            await BackAsync(login.Tab, "/login");

            Assert.True(await HasStayedAsync(login.Tab));
            await Expect(login.Password).ToHaveValueAsync("");
        });

    [Fact]
    public Task A_login_page_that_was_sent_keeps_no_input() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            var before = visit.Count("GET /login");

            await Visit.LeaveAsync(app.Tab, "() => history.back()");

            await Visit.UntilAsync(() => visit.Count("GET /login") > before, "the login page is reloaded");
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app$"));
            await Expect(app.Email).ToBeVisibleAsync();
        });

    private static async Task<IPage> OpenAndLeaveAsync(Visit visit)
    {
        var tab = await visit.NewTabAsync();
        await tab.GotoAsync("/");
        await tab.EvaluateAsync("() => { globalThis.hasStayed = true; }");
        await tab.GotoAsync("/login");
        return tab;
    }

    /// <summary>Playwright would wait for a load, but a page from the cache does not load.</summary>
    private static async Task BackAsync(IPage tab, string path = "/")
    {
        await Visit.LeaveAsync(tab, "() => history.go(2 - history.length)");
        await Visit.UntilAsync(() => new Uri(tab.Url).AbsolutePath == path, "the first page is shown again");
    }

    private static Task<bool> HasStayedAsync(IPage tab) => tab.EvaluateAsync<bool>("() => globalThis.hasStayed === true");

    public sealed class Fixture : BrowserFixture
    {
        protected override Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
            Browser.LaunchChromiumAsync(playwright, withBackForwardCache: true);
    }
}
