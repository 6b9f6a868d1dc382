using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A session ends exactly once, and completely, when the backend, a time limit or the user ends it.</summary>
public sealed class SessionEndTests
{
    [Fact]
    public async Task A_session_that_the_backend_ended_costs_one_refresh_call_and_one_redirect()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.RevokeEverySession();
        var late = browser.Copy();

        (await browser.GetAsync("/app?tab=2")).ShouldRedirectTo("/login?returnTo=%2Fapp%3Ftab%3D2");

        Assert.Empty(browser.Cookies);
        (await browser.GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
        (await late.GetAsync("/app")).ShouldRedirectTo("/login");
        Assert.Equal(1, site.RefreshCalls);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_here_and_at_the_backend_and_takes_all_cookies()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var copy = browser.Copy();

        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        Assert.Empty(browser.Cookies);
        Assert.Equal(0, site.Backend.LiveSessions);
        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
        (await copy.RefreshAsync()).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
        (await copy.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Signing_out_clears_what_the_browser_stored_and_nothing_of_sibling_sites(bool onThePage)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();

        var answer = onThePage ? await browser.FillInAsync("/logout") : await browser.SignOutAsync();

        Assert.Equal(["\"cache\""], answer.Headers.GetValues("Clear-Site-Data"));
        Assert.DoesNotContain(
            browser.Cookies.Keys,
            name => name.EndsWith("token", StringComparison.Ordinal) || name.EndsWith("session", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_refresh_in_progress_when_the_user_signs_out_sets_no_cookie_and_revokes_its_tokens()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var page = browser.GetAndForgetAsync("/app");
        await Wait.UntilAsync(() => site.Calls("/auth/refresh") is 1);

        // The backend also answers the sign-out slowly. The sign-out must not wait for the refresh.
        var signOut = browser.SignOutAsync();
        await Wait.UntilAsync(() => site.Calls("/auth/logout") is 1);
        gate.SetResult();

        (await signOut).ShouldBe(HttpStatusCode.NoContent);
        (await page).ShouldRedirectTo("/login");
        (await page).ShouldSetNoCookies();
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
    }

    [Fact]
    public async Task Signing_out_with_an_older_cookie_revokes_the_newest_token()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var older = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");

        await older.SignOutAsync();

        Assert.Equal((0, 0), (site.Backend.LiveSessions, site.Backend.Reuses));
        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task Signing_out_with_a_cookie_that_is_no_longer_accepted_ends_the_session_too()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var superseded = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        await browser.GetAsync("/app");
        site.Time.Advance(TimeSpan.FromMinutes(10));

        await superseded.SignOutAsync();

        Assert.Equal(0, site.Backend.LiveSessions);
        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Theory]
    [InlineData("same-origin", 0), InlineData("cross-site", 1)]
    public async Task The_form_of_a_superseded_cookie_ends_the_session_too_unless_another_site_sends_it(string origin, int liveSessions)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var superseded = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        await browser.GetAsync("/app");
        site.Time.Advance(TimeSpan.FromMinutes(10));

        (await superseded.PostAsync("/logout", null, ("Sec-Fetch-Site", origin))).ShouldRedirectTo("/");

        Assert.Equal(liveSessions, site.Backend.LiveSessions);
    }

    [Theory]
    [InlineData(DemoFault.Unavailable), InlineData(DemoFault.Refused), InlineData(DemoFault.Reset)]
    public async Task The_user_can_sign_out_while_the_backend_is_down(DemoFault fault)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var copy = browser.Copy();
        site.Backend.Faults.Break(fault);

        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        Assert.Empty(browser.Cookies);
        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task A_new_sign_in_ends_the_session_that_it_replaces_and_keeps_its_own_cookies()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var before = browser.Copy();
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var refreshing = before.GetAndForgetAsync("/app");
        await Wait.UntilAsync(() => site.Calls("/auth/refresh") is 1);
        site.Backend.Faults.Gate = Task.CompletedTask;

        await browser.SignInAsync();
        var afterSignIn = browser.Copy();
        gate.SetResult();
        browser.Keep(await refreshing);

        // A request that the browser sent before the sign-in does not change the new cookies either.
        browser.Keep(await before.GetAndForgetAsync("/app"));
        Assert.Equal(afterSignIn.Cookies, browser.Cookies);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);
    }

    [Fact]
    public async Task An_idle_session_ends_although_its_tabs_refresh_in_the_background()
    {
        await using var site = new TestSite().With("TokenSession:IdleTimeout", "00:10:00");
        var browser = await site.NewSignedInBrowserAsync();
        for (var minute = 0; minute < 9; minute++)
        {
            site.Time.Advance(TimeSpan.FromMinutes(1));
            (await browser.RefreshAsync()).ShouldBe(HttpStatusCode.OK);
        }

        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await browser.RefreshAsync()).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task A_session_in_use_is_not_idle()
    {
        await using var site = new TestSite().With("TokenSession:IdleTimeout", "00:10:00");
        site.Backend.AccessTokenLifetime = TimeSpan.FromHours(1);
        var browser = await site.NewSignedInBrowserAsync();
        for (var minute = 0; minute < 30; minute += 5)
        {
            site.Time.Advance(TimeSpan.FromMinutes(5));
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_slow_refresh_in_the_background_does_not_set_the_idle_clock_back()
    {
        await using var site = new TestSite().With("TokenSession:IdleTimeout", "00:15:00");
        var browser = await site.NewSignedInBrowserAsync();
        var background = browser.Copy();
        site.Time.Advance(TimeSpan.FromMinutes(14));
        await browser.GetAsync("/");

        // This request has the older cookie and gets the last response, so the cookie jar keeps the cookies of this response.
        await background.RefreshAsync();

        Assert.Equal(site.TicketOf(browser)!.LastActive, site.TicketOf(background)!.LastActive);
        site.Time.Advance(TimeSpan.FromMinutes(2));
        (await background.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_absolute_limit_ends_even_a_busy_session()
    {
        await using var site = new TestSite().With("TokenSession:AbsoluteTimeout", "01:00:00");
        var browser = await site.NewSignedInBrowserAsync();
        for (var minute = 0; minute < 59; minute++)
        {
            site.Time.Advance(TimeSpan.FromMinutes(1));
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }

        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
        Assert.Empty(browser.Cookies);
    }

    [Theory]
    [InlineData("prefetch"), InlineData("prefetch;prerender")]
    public async Task A_prefetch_does_not_delete_the_cookies_of_an_ended_session(string purpose)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromDays(8));

        (await browser.GetAsync("/", ("Sec-Purpose", purpose))).ShouldSetNoCookies();

        await browser.GetAsync("/");
        Assert.Empty(browser.Cookies);
    }

    [Theory]
    [InlineData("nonsense"), InlineData("CfDJ8"), InlineData("")]
    public async Task An_unreadable_ticket_causes_a_clean_sign_out_without_a_backend_call(string ticket)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        browser.Cookies[$"{TestSite.CookiePrefix}_refresh_token"] = ticket;

        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");

        Assert.Empty(browser.Cookies);
        Assert.Equal(0, site.RefreshCalls);
        Assert.DoesNotContain(site.Log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }
}
