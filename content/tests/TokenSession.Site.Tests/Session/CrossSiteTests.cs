using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A request that another site makes a browser send has no effect. A request that a browser sends without a user action changes
/// nothing.</summary>
public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site"), InlineData("Sec-Fetch-Site", "same-site"), InlineData("Sec-Fetch-Site", "nonsense")]
    [
        InlineData("Origin", "https://evil.example"),
        InlineData("Origin", "null"),
        InlineData("Origin", "https://localhost:444"),
        InlineData("Origin", "https://localhost.evil.example")
    ]
    public async Task Other_sites_are_refused(string header, string value)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        foreach (var endpoint in new[] { "login", "refresh", "logout" })
        {
            var answer = await browser.PostAsync(
                $"/api/auth/{endpoint}",
                new { email = "demo@example.com", password = "demo" },
                (header, value)
            );
            answer.ShouldBe(HttpStatusCode.Forbidden);
            answer.ShouldSetNoCookies();
        }

        Assert.Equal((1, 1), (site.Backend.LiveSessions, site.Calls("/auth/login")));
        Assert.Equal(3, site.Log.Entries.Count(entry => entry.Message.Contains("page of another site", StringComparison.Ordinal)));
    }

    [Theory]
    [
        InlineData("Sec-Fetch-Site", "same-origin"),
        InlineData("Sec-Fetch-Site", "none"),
        InlineData("Origin", "https://localhost"),
        InlineData("Origin", "https://LOCALHOST:443")
    ]
    public async Task This_site_passes(string header, string value)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.PostAsync("/api/auth/refresh", null, (header, value))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_from_another_site_does_not_call_the_backend()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        await browser.PostAsync("/api/auth/refresh", null, ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(0, site.RefreshCalls);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_form_that_this_site_did_not_give_to_this_browser_is_refused(bool withATokenOfAnother)
    {
        await using var site = new TestSite();
        var field = withATokenOfAnother ? await site.NewBrowser().OpenFormAsync("/login") : "";
        var guest = site.NewBrowser();
        await guest.OpenFormAsync("/login");
        var user = await site.NewSignedInBrowserAsync();

        (await SendFormAsync(guest, "/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldBe(
            HttpStatusCode.BadRequest
        );
        (await SendFormAsync(user, "/logout")).ShouldBe(HttpStatusCode.BadRequest);

        Assert.Equal((1, 1), (site.Backend.LiveSessions, site.Calls("/auth/login")));

        Task<HttpResponseMessage> SendFormAsync(TestBrowser browser, string path, params (string Name, string Value)[] fields) =>
            browser.SendAsync(
                new(HttpMethod.Post, path)
                {
                    Content = new FormUrlEncodedContent(
                        fields.Append(("__RequestVerificationToken", field)).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))
                    ),
                }
            );
    }

    [Fact]
    public async Task Opening_a_page_changes_nothing()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var paths = site.Paths();
        Assert.True(paths is [_, _, _, _, _, _, ..]);
        foreach (var path in paths)
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Options })
            {
                var answer = await browser.SendAsync(new(method, path + "?handler=Break&returnTo=/"));
                Assert.DoesNotContain(
                    TestBrowser.SetCookies(answer),
                    cookie => !cookie.Name.EndsWith("antiforgery", StringComparison.Ordinal)
                );
            }
        }

        Assert.Equal((1, 1, 0, 0), (site.Backend.LiveSessions, site.Calls("/auth/login"), site.RefreshCalls, site.Calls("/auth/logout")));
        Assert.Equal(DemoFault.None, site.Backend.Faults.Fault);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_sign_in_begins_a_new_session_even_over_a_planted_ticket()
    {
        await using var site = new TestSite();
        var thief = await site.NewSignedInBrowserAsync();
        var victim = thief.Copy();

        (await victim.SignInAsync("otp@example.com")).ShouldBe(HttpStatusCode.Unauthorized);
        (await victim.SignInAsync()).ShouldBe(HttpStatusCode.OK);

        Assert.NotEqual(site.TicketOf(thief)!.SessionId, site.TicketOf(victim)!.SessionId);
        (await thief.GetAsync("/app")).ShouldRedirectTo("/login");
        (await victim.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_frameworks_own_redirect_after_a_cookie_is_off()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var late = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        // The site cannot tell whether the session is valid, so it shows the login page. The response sets the newer cookies that this
        // browser missed.
        var answer = await late.GetAsync("/login?returnTo=%2Fapp");

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.NotEmpty(TestBrowser.SetCookies(answer));
    }

    [Theory]
    [
        InlineData("?ReturnUrl=https%3A%2F%2Fevil.example", "/app"),
        InlineData("?returnTo=%2F%2Fevil.example", "/app"),
        InlineData("?returnTo=~%2Fevil", "/app")
    ]
    [
        InlineData("?returnTo=%2Fapp%3Ftab%3D2", "/app?tab=2"),
        InlineData("?returnTo=%2F&returnTo=%2F%2Fevil.example", "/"),
        InlineData("", "/app")
    ]
    public async Task After_the_sign_in_users_stay_on_this_site(string query, string target)
    {
        await using var site = new TestSite();
        (
            await site.NewBrowser().FillInAsync("/login" + query, ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))
        ).ShouldRedirectTo(target);
    }
}
