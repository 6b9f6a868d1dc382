using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The page of one user does not act for another user who has signed in later in the same browser.</summary>
public sealed class AccountSwitchTests
{
    private const string Header = "X-Session-User";

    [Theory]
    [InlineData("/api/auth/refresh", HttpStatusCode.OK), InlineData("/api/auth/logout", HttpStatusCode.NoContent)]
    [InlineData("/api/backend", HttpStatusCode.OK)]
    public async Task A_script_acts_for_the_user_of_its_page_only(string path, HttpStatusCode success)
    {
        await using var site = new TestSite().With("Backend:ProxyPrefixes:0", DemoBackendHandler.UserPath);
        var browser = await site.NewSignedInBrowserAsync();
        var page = User(browser);
        site.Backend.AddUser("other@example.com", DemoBackend.Password);
        (await browser.SignInAsync("other@example.com")).ShouldBe(HttpStatusCode.OK);
        Assert.NotEqual(page, User(browser));

        // The session before is revoked in the background.
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);

        var answer = await SendAsync(page);

        answer.ShouldBe(HttpStatusCode.Conflict);
        Assert.Contains("other_user", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        answer.ShouldSetNoCookies();
        Assert.Equal(1, site.Backend.LiveSessions);
        (await SendAsync(User(browser))).ShouldBe(success);

        Task<HttpResponseMessage> SendAsync(string user) =>
            path.StartsWith("/api/auth", StringComparison.Ordinal)
                ? browser.PostAsync(path, null, (Header, user))
                : browser.GetAsync(path + DemoBackendHandler.UserPath, (Header, user));
    }

    [Fact]
    public async Task The_same_user_in_another_session_is_the_same()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var page = User(browser);
        await browser.SignOutAsync();
        await browser.SignInAsync();
        Assert.Equal(page, User(browser));
        (await browser.PostAsync("/api/auth/refresh", null, (Header, page))).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null), InlineData("0123456789abcdef")]
    public async Task A_cookie_that_names_no_user_or_another_user_is_written_again(string? value)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var user = User(browser);
        browser.Cookies.Remove(site.Options.UserCookie);
        if (value is not null)
        {
            browser.Cookies[site.Options.UserCookie] = value;
        }

        await browser.GetAsync("/app");

        Assert.Equal(user, User(browser));
        (await browser.GetAsync("/app")).ShouldSetNoCookies();
    }

    [Fact]
    public async Task Pages_and_cookies_name_the_user_by_the_same_hash()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        foreach (var path in new[] { "/app", "/" })
        {
            var page = await (await browser.GetAsync(path)).Content.ReadAsStringAsync();
            Assert.Contains($"data-user=\"{User(browser)}\"", page, StringComparison.Ordinal);
        }

        Assert.Contains(
            "data-user=\"\"",
            await (await site.NewBrowser().GetAsync("/")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    private static string User(TestBrowser browser) => browser.Cookies[$"{TestSite.CookiePrefix}_user"];
}
