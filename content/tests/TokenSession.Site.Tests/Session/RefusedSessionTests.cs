using System.Net;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A session that the backend refuses ends within a minute, even if the refusal is neither an outage nor a known end.</summary>
public sealed class RefusedSessionTests
{
    [Theory]
    [InlineData(3), InlineData(15)]
    public async Task A_blocked_user_whom_the_backend_still_refreshes_is_signed_out_within_a_minute_with_a_reason(int step)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Block(DemoBackend.Email);

        var seconds = 0;
        while ((await browser.GetAsync("/app")).StatusCode is HttpStatusCode.ServiceUnavailable)
        {
            site.Time.Advance(TimeSpan.FromSeconds(step));
            seconds += step;
        }

        Assert.InRange(seconds, 45, 60);

        var login = await browser.GetAsync("/login?reason=refused");
        Assert.Contains("so you were signed out", await login.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(site.Options.TicketCookie, browser.Cookies.Keys);
        var entry = Assert.Single(site.Log.Entries, entry => entry.Level is LogLevel.Error);
        Assert.Contains($"GET {DemoBackendHandler.UserPath} answered 401", entry.Message, StringComparison.Ordinal);
        Assert.Contains("RefusesAccessToken", entry.Message, StringComparison.Ordinal);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
    }

    [Fact]
    public async Task While_the_backend_accepts_others_it_takes_ten_seconds()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("other@example.com", "secret");
        var (browser, other) = (await site.NewSignedInBrowserAsync(), await site.NewSignedInBrowserAsync("other@example.com", "secret"));
        site.Backend.Block(DemoBackend.Email);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        site.Time.Advance(TimeSpan.FromSeconds(6));
        (await other.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        site.Time.Advance(TimeSpan.FromSeconds(4));

        (await browser.GetAsync("/app")).ShouldSay(SessionEndReason.Refused);
    }

    [Fact]
    public async Task A_backend_that_refuses_every_access_token_ends_no_session()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("other@example.com", "secret");
        var (browser, other) = (await site.NewSignedInBrowserAsync(), await site.NewSignedInBrowserAsync("other@example.com", "secret"));
        site.Backend.Block(DemoBackend.Email);
        site.Backend.Block("other@example.com");
        for (var minute = 0; minute < 3; minute++)
        {
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await other.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            site.Time.Advance(TimeSpan.FromSeconds(30));
        }

        site.Backend.Block(DemoBackend.Email, isBlocked: false);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_prefetch_ends_no_session()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Block(DemoBackend.Email);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        site.Time.Advance(TimeSpan.FromSeconds(50));

        await browser.GetAsync("/app", ("Sec-Purpose", "prefetch"));

        Assert.Equal(1, site.Backend.LiveSessions);
        (await browser.GetAsync("/app")).ShouldSay(SessionEndReason.Refused);
    }

    [Theory]
    [InlineData(4), InlineData(6)]
    public async Task A_script_that_goes_through_the_proxy_is_signed_out_as_well(int step)
    {
        await using var site = new TestSite().With("Backend:ProxyPrefixes:0", DemoBackendHandler.UserPath);
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Block(DemoBackend.Email);

        for (var seconds = 0; seconds < 60; seconds += step)
        {
            await browser.GetAsync("/api/backend" + DemoBackendHandler.UserPath);
            site.Time.Advance(TimeSpan.FromSeconds(step));
        }

        Assert.DoesNotContain(site.Options.TicketCookie, browser.Cookies.Keys);
    }

    [Fact]
    public async Task A_refusal_that_stops_ends_no_session()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        for (var hiccup = 0; hiccup < 3; hiccup++)
        {
            site.Backend.Block(DemoBackend.Email);
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            site.Backend.Block(DemoBackend.Email, isBlocked: false);
            site.Time.Advance(TimeSpan.FromSeconds(11));
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_refresh_that_is_refused_for_an_unknown_reason_ends_the_session_while_others_are_answered()
    {
        var (stub, site) = NewSite();
        await using var _ = site;
        var browser = await site.NewSignedInBrowserAsync();
        var refused = site.TicketOf(browser)!.Tokens.RefreshToken;
        stub.Refresh = tokens => tokens.RefreshToken == refused ? new AuthResult.Unrecognized("POST /refresh answered 422") : null;
        var other = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        site.Time.Advance(TimeSpan.FromSeconds(8));
        (await other.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        site.Time.Advance(TimeSpan.FromSeconds(8));
        (await browser.GetAsync("/app")).ShouldSay(SessionEndReason.Refused);

        Assert.DoesNotContain(site.Options.TicketCookie, browser.Cookies.Keys);
        Assert.Contains(
            site.Log.Entries,
            entry => entry.Level is LogLevel.Error && entry.Message.Contains("POST /refresh answered 422", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_backend_that_refuses_everyone_ends_no_session()
    {
        var (stub, site) = NewSite();
        await using var _ = site;
        var (browser, other) = (await site.NewSignedInBrowserAsync(), await site.NewSignedInBrowserAsync());
        stub.Refresh = _ => new AuthResult.Unrecognized("POST /refresh answered 401 with error \"invalid_client\"");
        site.ExpireAccessTokens();
        for (var minute = 0; minute < 5; minute++)
        {
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await other.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            await site.NewSignedInBrowserAsync();
            site.Time.Advance(TimeSpan.FromMinutes(1));
        }

        stub.Refresh = null;
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_that_works_again_restarts_the_count()
    {
        var (stub, site) = NewSite();
        await using var _ = site;
        var browser = await site.NewSignedInBrowserAsync();
        for (var round = 0; round < 3; round++)
        {
            stub.Refresh = _ => new AuthResult.Unrecognized("POST /refresh answered 404");
            site.ExpireAccessTokens();
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
            stub.Refresh = null;
            site.Time.Advance(TimeSpan.FromSeconds(2));
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }
    }

    private static (StubBackend Stub, TestSite Site) NewSite()
    {
        var stub = new StubBackend();
        return (stub, new TestSite().With(stub.Register));
    }
}
