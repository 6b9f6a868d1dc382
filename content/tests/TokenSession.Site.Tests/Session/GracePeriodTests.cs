using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>If a request sends the old cookie after the refresh, the site serves it from memory until the grace period ends.</summary>
public sealed class GracePeriodTests
{
    [Fact]
    public async Task The_old_cookie_after_the_refresh_costs_no_backend_call()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var late = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");

        var answer = await late.GetAsync("/app");

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
        Assert.Equal(browser.AccessToken, late.AccessToken);
    }

    [Fact]
    public async Task After_two_refreshes_the_first_cookie_leads_to_the_newest_tokens()
    {
        await using var site = new TestSite().With("TokenSession:GracePeriod", "01:00:00");
        var browser = await site.NewSignedInBrowserAsync();
        var first = browser.Copy();
        for (var refresh = 0; refresh < 2; refresh++)
        {
            site.ExpireAccessTokens();
            await browser.GetAsync("/app");
        }

        await first.GetAsync("/app");

        Assert.Equal(browser.AccessToken, first.AccessToken);
        Assert.Equal((2, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Theory]
    [InlineData("00:00:02"), InlineData("02:00:00"), InlineData("2.00:00:00")]
    public async Task After_a_lost_answer_the_session_continues_even_if_the_browser_returns_late(string later)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        await browser.GetAndForgetAsync("/app");

        site.Time.Advance(TimeSpan.Parse(later, System.Globalization.CultureInfo.InvariantCulture));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal(0, site.Backend.Reuses);
    }

    [Fact]
    public async Task After_the_grace_period_the_old_cookie_is_refused_without_a_backend_call_and_the_newest_still_works()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var thief = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        await browser.GetAsync("/app");

        site.Time.Advance(TimeSpan.FromSeconds(61));
        var refused = await thief.GetAsync("/app");

        refused.ShouldRedirectTo("/login");
        Assert.Empty(thief.Cookies);
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_grace_period_counts_from_when_the_successor_was_first_seen()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var other = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        site.Time.Advance(TimeSpan.FromHours(1));
        await browser.GetAndForgetAsync("/app");

        site.Time.Advance(TimeSpan.FromSeconds(59));
        (await other.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_slow_answer_does_not_bring_older_tokens_to_the_browser()
    {
        await using var site = new TestSite().With("Backend:DataTimeout", "00:10:00");
        var browser = await site.NewSignedInBrowserAsync();
        var slow = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/");

        // The slow page uses the second generation and waits for its data. In the meantime, other requests refresh the session again.
        var data = new TaskCompletionSource();
        site.Backend.Faults.Gate = data.Task;
        var slowAnswer = slow.GetAsync("/app");
        await Wait.UntilAsync(() => site.UserCalls is 1);
        site.Backend.Faults.Gate = Task.CompletedTask;
        site.ExpireAccessTokens();
        await browser.GetAsync("/");
        data.SetResult();
        await slowAnswer;

        Assert.Equal(browser.AccessToken, slow.AccessToken);
    }

    [Fact]
    public async Task A_restart_forgets_token_families_and_signs_no_user_out()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");

        site.ForgetTokenFamilies();
        site.ExpireAccessTokens();

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((2, 0), (site.Backend.Refreshes, site.Backend.Reuses));
    }
}
