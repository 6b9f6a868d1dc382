using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>An exception in the code of the session does not end a session. Public pages are served; the other pages ask the user to try
/// again.</summary>
public sealed class StoreFailureTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_public_page_is_served_and_a_restricted_one_says_try_again(bool isExpired)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        if (isExpired)
        {
            site.ExpireAccessTokens();
        }

        site.Families.Throws = true;
        var (home, app) = (await browser.GetAsync("/"), await browser.GetAsync("/app"));

        home.ShouldBe(HttpStatusCode.OK);
        home.ShouldSetNoCookies();
        app.ShouldBe(HttpStatusCode.ServiceUnavailable);
        app.ShouldSetNoCookies();
        Assert.NotNull(app.Headers.RetryAfter);
        Assert.Contains("Try again in a moment", await app.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(site.Log.Entries, entry => entry is { Level: LogLevel.Error, Exception: InvalidDataException });

        site.Families.Throws = false;
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(0, site.Backend.Reuses);
    }

    [Fact]
    public async Task A_script_gets_503_that_it_can_read()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Families.Throws = true;
        foreach (var answer in new[] { await browser.RefreshAsync(), await browser.GetAsync("/app", ("Sec-Fetch-Mode", "cors")) })
        {
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.ShouldSetNoCookies();
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [InlineData("a guest"), InlineData("a session"), InlineData("an unreadable ticket")]
    public async Task Sign_in_works_while_the_store_does_not(string before)
    {
        await using var site = new TestSite();
        var browser = before is "a session" ? await site.NewSignedInBrowserAsync() : site.NewBrowser();
        if (before is "an unreadable ticket")
        {
            browser.Cookies[$"{TestSite.CookiePrefix}_refresh_token"] = "CfDJ8-of-other-keys";
        }

        var earlier = site.TicketOf(browser)?.SessionId;
        site.Families.Throws = true;
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        site.Families.Throws = false;

        Assert.NotNull(site.TicketOf(browser));
        Assert.NotEqual(earlier, site.TicketOf(browser)!.SessionId);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);
    }

    [Fact]
    public async Task Sign_in_on_the_page_works_while_the_store_does_not()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();
        site.Families.Throws = true;

        (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldRedirectTo("/app");

        site.Families.Throws = false;
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Sign_out_works_while_the_store_does_not(bool onThePage)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Families.Throws = true;

        var answer = onThePage ? await browser.FillInAsync("/logout") : await browser.SignOutAsync();

        answer.ShouldBe(onThePage ? HttpStatusCode.Redirect : HttpStatusCode.NoContent);
        Assert.DoesNotContain(
            browser.Cookies.Keys,
            name => name.EndsWith("token", StringComparison.Ordinal) || name.EndsWith("session", StringComparison.Ordinal)
        );
        Assert.Equal(0, site.Backend.LiveSessions);
    }

    [Fact]
    public async Task A_store_that_fails_between_the_refresh_and_the_response_deletes_nothing()
    {
        var (arrived, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = new TestSite().WithEndpoints(endpoints =>
            endpoints
                .MapGet(
                    "/slow",
                    async () =>
                    {
                        arrived.TrySetResult();
                        await released.Task;
                        return "";
                    }
                )
                .RequireAuthorization()
        );
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var slow = browser.GetAsync("/slow");
        await arrived.Task;
        site.Families.Throws = true;
        released.SetResult();

        (await slow).ShouldBe(HttpStatusCode.OK);

        Assert.Contains(site.Log.Entries, entry => entry is { Level: LogLevel.Error, Exception: InvalidDataException });
        site.Families.Throws = false;
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
    }
}
