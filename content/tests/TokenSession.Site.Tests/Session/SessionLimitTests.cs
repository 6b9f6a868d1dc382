using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A session that reaches its idle or its absolute limit is also ended at the backend, exactly once.</summary>
public sealed class SessionLimitTests
{
    /// <summary>The setting with the value of one hour, whether the cookies are kept after the browser closes, and the seconds between the
    /// requests.</summary>
    public static TheoryData<string, bool, int> Limits
    {
        get
        {
            var limits = new TheoryData<string, bool, int>();
            foreach (var setting in new[] { "IdleTimeout", "AbsoluteTimeout" })
            {
                foreach (var rememberMe in new[] { false, true })
                {
                    limits.Add(setting, rememberMe, 0);
                    limits.Add(setting, rememberMe, 90);
                }
            }

            return limits;
        }
    }

    [Theory, MemberData(nameof(Limits))]
    public async Task A_session_that_reached_its_limit_is_revoked_once_even_if_its_ticket_is_sent_often(
        string setting,
        bool rememberMe,
        int secondsBetween
    )
    {
        await using var site = new TestSite().With($"TokenSession:{setting}", "01:00:00");
        var browser = await SignInAsync(site, rememberMe);
        site.ExpireAccessTokens();
        await browser.RefreshAsync();
        site.Time.Advance(TimeSpan.FromHours(1));

        for (var request = 0; request < 10; request++)
        {
            (await browser.Copy().GetAsync("/app")).ShouldRedirectTo("/login");
            await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
            await OtherSessionAsync(site);
            site.Time.Advance(TimeSpan.FromSeconds(secondsBetween));
        }

        Assert.Equal(1, site.Calls("/auth/logout") - 10);
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Theory]
    [InlineData("IdleTimeout", "prefetch"), InlineData("AbsoluteTimeout", "prefetch;prerender")]
    public async Task A_prefetch_does_not_end_it(string setting, string purpose)
    {
        await using var site = new TestSite().With($"TokenSession:{setting}", "01:00:00");
        var browser = await SignInAsync(site, rememberMe: true);
        site.Time.Advance(TimeSpan.FromHours(1));

        (await browser.GetAsync("/app", ("Sec-Purpose", purpose))).ShouldSetNoCookies();
        await OtherSessionAsync(site);
        Assert.Equal((1, 1), (site.Calls("/auth/logout"), site.Backend.LiveSessions));

        await browser.GetAsync("/app");
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task The_newest_tokens_are_revoked_even_if_the_browser_sends_an_older_cookie()
    {
        await using var site = new TestSite().With("TokenSession:IdleTimeout", "01:00:00");
        var browser = await SignInAsync(site, rememberMe: false);
        var older = browser.Copy();
        site.ExpireAccessTokens();
        await browser.RefreshAsync();
        site.Time.Advance(TimeSpan.FromHours(1));

        (await older.GetAsync("/app")).ShouldRedirectTo("/login");

        // A token that was already exchanged cannot end a session at the backend.
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
    }

    [Fact]
    public async Task While_the_backend_is_down_the_session_ends_on_this_site()
    {
        await using var site = new TestSite().With("TokenSession:IdleTimeout", "01:00:00");
        var browser = await SignInAsync(site, rememberMe: true);
        var copy = browser.Copy();
        site.Time.Advance(TimeSpan.FromHours(1));
        site.Backend.Faults.Break(DemoFault.Unavailable);

        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");

        Assert.Empty(browser.Cookies);
        (await copy.RefreshAsync()).ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<TestBrowser> SignInAsync(TestSite site, bool rememberMe)
    {
        var browser = site.NewBrowser();
        (await browser.SignInAsync(rememberMe: rememberMe)).ShouldBe(HttpStatusCode.OK);
        return browser;
    }

    /// <summary>Makes the site store a token family, which also removes expired token families, and then call the backend after its
    /// background work.</summary>
    private static async Task OtherSessionAsync(TestSite site)
    {
        var other = await SignInAsync(site, rememberMe: false);
        (await other.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }
}
