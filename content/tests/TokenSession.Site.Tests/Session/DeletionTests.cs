using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A response that deletes the cookies of a session never overtakes a newer sign-in of the same browser.</summary>
public sealed class DeletionTests
{
    private const string Idle = "idle",
        Unreadable = "unreadable",
        EndedByTheBackend = "ended by the backend";

    private static readonly string TicketCookie = $"{TestSite.CookiePrefix}_refresh_token";

    private readonly TaskCompletionSource arrived = new(),
        released = new();

    [Theory]
    [InlineData(Idle, true), InlineData(Unreadable, true), InlineData(EndedByTheBackend, true)]
    [InlineData(Idle, false), InlineData(Unreadable, false), InlineData(EndedByTheBackend, false)]
    public async Task A_slow_response_deletes_the_cookies_unless_another_tab_has_signed_in(string ticket, bool signsIn)
    {
        await using var site = NewSite();
        var browser = await BrowserWithAsync(site, ticket);
        var slow = browser.GetAndForgetAsync("/slow");
        await arrived.Task;
        if (signsIn)
        {
            (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        }

        released.SetResult();
        browser.Keep(await slow);

        Assert.Equal(signsIn, browser.Cookies.Count > 0);
        (await browser.GetAsync("/app")).ShouldBe(signsIn ? HttpStatusCode.OK : HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData(Idle), InlineData(Unreadable), InlineData(EndedByTheBackend)]
    public async Task A_slow_response_deletes_nothing_if_the_browser_has_lost_its_cookies_and_signed_in_again(string ticket)
    {
        await using var site = NewSite();
        var browser = await BrowserWithAsync(site, ticket);
        var slow = browser.GetAndForgetAsync("/slow");
        await arrived.Task;
        await browser.GetAsync("/app");
        Assert.Empty(browser.Cookies);
        await browser.SignInAsync();
        site.Time.Advance(TimeSpan.FromSeconds(2));

        released.SetResult();
        browser.Keep(await slow);

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(Idle), InlineData(Unreadable), InlineData(EndedByTheBackend)]
    public async Task A_request_that_arrives_after_the_sign_in_with_the_older_cookies_deletes_nothing(string ticket)
    {
        await using var site = NewSite();
        var browser = await BrowserWithAsync(site, ticket);
        var late = browser.Copy();
        await browser.SignInAsync();
        site.Time.Advance(TimeSpan.FromSeconds(30));

        browser.Keep(await late.GetAndForgetAsync("/app"));

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false, true), InlineData(true, true), InlineData(false, false), InlineData(true, false)]
    public async Task A_sign_out_whose_backend_call_is_slow_deletes_the_cookies_unless_another_tab_has_signed_in(
        bool onThePage,
        bool signsIn
    )
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var form = new FormUrlEncodedContent([new("__RequestVerificationToken", await browser.OpenFormAsync("/logout"))]);
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var signOut = browser.SendAndForgetAsync(
            onThePage ? new(HttpMethod.Post, "/logout") { Content = form } : new(HttpMethod.Post, "/api/auth/logout")
        );
        await Wait.UntilAsync(() => site.Calls("/auth/logout") is 1);
        site.Backend.Faults.Gate = Task.CompletedTask;
        site.Time.Advance(TimeSpan.FromSeconds(1));
        if (signsIn)
        {
            (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        }

        gate.SetResult();
        browser.Keep(await signOut);

        (await browser.GetAsync("/app")).ShouldBe(signsIn ? HttpStatusCode.OK : HttpStatusCode.Redirect);
        Assert.Equal(signsIn, browser.Cookies.ContainsKey(TicketCookie));
        await Wait.UntilAsync(() => site.Backend.LiveSessions == (signsIn ? 1 : 0));
    }

    /// <summary>A long ticket is split into several cookies. The first cookie contains only their number.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task An_unreadable_ticket_in_several_cookies_is_that_of_one_browser(bool isTheSameBrowser)
    {
        await using var site = NewSite();
        var (browser, other) = (site.NewBrowser().With(Chunks("of-one")), site.NewBrowser().With(Chunks("of-another")));
        var slow = (isTheSameBrowser ? browser : other).GetAndForgetAsync("/slow");
        await arrived.Task;
        await browser.SignInAsync();
        released.SetResult();

        Assert.Equal(isTheSameBrowser, TestBrowser.SetCookies(await slow).Count is 0);

        static Dictionary<string, string> Chunks(string browser) =>
            new()
            {
                [TicketCookie] = "chunks-2",
                [TicketCookie + "C1"] = "CfDJ8",
                [TicketCookie + "C2"] = browser,
            };
    }

    [Fact]
    public async Task A_sign_out_that_arrives_after_a_sign_in_of_another_tab_deletes_nothing()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var older = browser.Copy();
        site.Time.Advance(TimeSpan.FromSeconds(1));
        await browser.SignInAsync();
        site.Time.Advance(TimeSpan.FromSeconds(1));

        browser.Keep(await older.SignOutAsync());

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_sign_out_of_a_session_that_ended_long_ago_deletes_its_cookies()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        await browser.Copy().SignOutAsync();
        site.Time.Advance(TimeSpan.FromMinutes(2));

        await browser.SignOutAsync();

        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task Two_sign_outs_at_once_leave_no_cookies()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var first = browser.SendAndForgetAsync(new(HttpMethod.Post, "/api/auth/logout"));
        await Wait.UntilAsync(() => site.Calls("/auth/logout") is 1);
        site.Time.Advance(TimeSpan.FromSeconds(1));
        var second = browser.SendAndForgetAsync(new(HttpMethod.Post, "/api/auth/logout"));
        await second;
        gate.SetResult();

        browser.Keep(await second);
        browser.Keep(await first);

        Assert.Empty(browser.Cookies);
        Assert.Equal(1, site.Calls("/auth/logout"));
    }

    private TestSite NewSite() =>
        new TestSite()
            .With("TokenSession:IdleTimeout", "01:00:00")
            .WithEndpoints(endpoints =>
                endpoints.MapGet(
                    "/slow",
                    [SessionEndpoint]
                    async () =>
                    {
                        arrived.TrySetResult();
                        await released.Task;
                        return "";
                    }
                )
            );

    /// <summary>A browser whose ticket is not valid, so the next response deletes its cookies.</summary>
    private static async Task<TestBrowser> BrowserWithAsync(TestSite site, string ticket)
    {
        var browser = await site.NewSignedInBrowserAsync();
        switch (ticket)
        {
            case Idle:
                site.Time.Advance(TimeSpan.FromHours(2));
                break;
            case Unreadable:
                browser.Cookies[TicketCookie] = "CfDJ8-of-other-keys";
                break;
            default:
                site.ExpireAccessTokens();
                site.Backend.RevokeEverySession();
                break;
        }

        return browser;
    }
}
