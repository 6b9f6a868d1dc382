using System.Net;
using System.Text.Json;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>An end of a session gives its reason: to a person on the login page, to a script in the response.</summary>
public sealed class SessionEndReasonTests
{
    [Theory]
    [InlineData(SessionEndReason.Ended, "Your session has ended")]
    [InlineData(SessionEndReason.Idle, "you were inactive")]
    [InlineData(SessionEndReason.Limit, "reached its time limit")]
    [InlineData(SessionEndReason.SignedOut, "You are signed out")]
    public async Task A_page_leads_to_the_login_page_which_says_why(SessionEndReason reason, string sentence)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        await EndAsync(site, browser, reason);

        var answer = await browser.GetAsync("/app?tab=2");

        answer.ShouldRedirectTo("/login?returnTo=%2Fapp%3Ftab%3D2");
        answer.ShouldSay(reason);
        var login = await browser.GetAsync(answer.Headers.Location!.OriginalString);
        Assert.Contains(sentence, await login.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SessionEndReason.Ended, "ended"), InlineData(SessionEndReason.Idle, "idle"), InlineData(SessionEndReason.Limit, "limit")]
    [InlineData(SessionEndReason.SignedOut, "signed_out")]
    public async Task A_script_reads_why(SessionEndReason reason, string text)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        await EndAsync(site, browser, reason);

        var answer = await browser.RefreshAsync();

        answer.ShouldBe(HttpStatusCode.Unauthorized);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(text, problem.RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_ticket_that_cannot_be_decrypted_belonged_to_a_session_that_has_ended()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        browser.Cookies[site.Options.TicketCookie] = "CfDJ8-of-other-keys";
        (await browser.GetAsync("/app")).ShouldSay(SessionEndReason.Ended);
    }

    [Fact]
    public async Task A_guest_has_no_session_that_ended()
    {
        await using var site = NewSite();
        Assert.Equal("/login", (await site.NewBrowser().GetAsync("/app")).Headers.Location?.OriginalString);
        Assert.DoesNotContain(
            "reason",
            await (await site.NewBrowser().RefreshAsync()).Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/login?reason=%3Cscript%3E"), InlineData("/login?reason=nonsense"), InlineData("/login?reason=")]
    public async Task An_unknown_reason_says_nothing(string path)
    {
        await using var site = NewSite();
        var page = await (await site.NewBrowser().GetAsync(path)).Content.ReadAsStringAsync();
        Assert.DoesNotContain("role=\"alert\"", page, StringComparison.Ordinal);
    }

    private static async Task EndAsync(TestSite site, TestBrowser browser, SessionEndReason reason)
    {
        switch (reason)
        {
            case SessionEndReason.Idle:
                site.Time.Advance(TimeSpan.FromHours(2));
                break;
            case SessionEndReason.Limit:
                for (var page = 0; page < 5; page++)
                {
                    site.Time.Advance(TimeSpan.FromMinutes(50));
                    await browser.GetAsync("/app");
                }

                site.Time.Advance(TimeSpan.FromMinutes(51));
                break;
            case SessionEndReason.SignedOut:
                await browser.Copy().SignOutAsync();
                break;
            default:
                site.ExpireAccessTokens();
                site.Backend.RevokeEverySession();
                break;
        }
    }

    private static TestSite NewSite() =>
        new TestSite().With("TokenSession:IdleTimeout", "01:00:00").With("TokenSession:AbsoluteTimeout", "05:00:00");
}
