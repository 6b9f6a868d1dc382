using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>If any number of requests use one expired session, the site refreshes once and serves all of them, now and after the next
/// expiry.</summary>
public sealed class OneRefreshTests
{
    /// <summary>The number of parallel requests, the latency of the backend and the interval between the requests (milliseconds).</summary>
    public static TheoryData<int, int, int> Storms
    {
        get
        {
            var storms = new TheoryData<int, int, int>();
            foreach (var latency in new[] { 0, 60, 300 })
            {
                storms.Add(20, latency, 0);
                storms.Add(20, latency, 15);
                storms.Add(64, latency, 0);
                storms.Add(64, latency, 15);
                storms.Add(500, latency, 0);
            }

            // These requests arrive for seven seconds, so the backend has answered long before the last one.
            storms.Add(500, 60, 15);

            return storms;
        }
    }

    [Theory, MemberData(nameof(Storms))]
    public async Task Any_number_of_pages_on_one_expired_session_cost_one_refresh(int pages, int latency, int apart)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(latency);

        var answers = await SendAsync(browser, pages, TimeSpan.FromMilliseconds(apart));

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
        Assert.Single(answers.Select(TestBrowser.AccessTokenIn).Distinct());
        await SurvivesTheNextExpiry(site, browser, answers[Random.Shared.Next(pages)]);
    }

    [Fact]
    public async Task Refresh_calls_of_six_tabs_together_with_six_pages_cost_one_refresh()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(60);

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .SelectMany(_ =>
                    new[] { browser.GetAndForgetAsync("/app"), browser.SendAndForgetAsync(new(HttpMethod.Post, "/api/auth/refresh")) }
                )
        );

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Fact]
    public async Task Two_users_at_once_cost_two_refreshes_and_are_not_mixed()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("ada@example.com", "ada");
        var demo = await site.NewSignedInBrowserAsync();
        var ada = await site.NewSignedInBrowserAsync("ada@example.com", "ada");
        site.ExpireAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(60);

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async request =>
                {
                    var isAda = request % 2 is 0;
                    var page = await (isAda ? ada : demo).GetAndForgetAsync("/app");
                    return (isAda, Html: await page.Content.ReadAsStringAsync());
                })
        );

        Assert.Equal((2, 0), (site.RefreshCalls, site.Backend.Reuses));
        Assert.All(
            answers,
            answer =>
            {
                Assert.Equal(answer.isAda, answer.Html.Contains("ada@example.com", StringComparison.Ordinal));
                Assert.Equal(!answer.isAda, answer.Html.Contains("demo@example.com", StringComparison.Ordinal));
            }
        );
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_backend_that_keeps_its_refresh_token_is_handled_whether_it_repeats_it_or_not(bool omits)
    {
        await using var site = new TestSite();
        (site.Backend.Rotates, site.Backend.OmitsRefreshToken) = (false, omits);
        var browser = await site.NewSignedInBrowserAsync();
        for (var expiry = 1; expiry <= 3; expiry++)
        {
            site.ExpireAccessTokens();
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => browser.GetAndForgetAsync("/app")));
            Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
            browser.Keep(answers[^1]);
            Assert.Equal(expiry, site.RefreshCalls);
        }
    }

    [Fact]
    public async Task A_request_that_its_browser_aborts_loses_no_refresh()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;

        using var closedTab = new CancellationTokenSource();
        var aborted = browser.SendAndForgetAsync(new(HttpMethod.Get, "/app"), cancellationToken: closedTab.Token);
        var others = Enumerable.Range(0, 5).Select(_ => browser.GetAndForgetAsync("/app")).ToList();
        await closedTab.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => aborted);
        gate.SetResult();

        Assert.All(await Task.WhenAll(others), answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
        await SurvivesTheNextExpiry(site, browser, await others[0]);
    }

    [Fact]
    public async Task A_site_that_is_stopped_waits_for_a_refresh_even_if_no_request_does()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var ticket = site.TicketOf(browser)!;
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        using var closedTab = new CancellationTokenSource();
        var aborted = browser.SendAndForgetAsync(new(HttpMethod.Get, "/app"), cancellationToken: closedTab.Token);
        await Wait.UntilAsync(() => site.RefreshCalls is 1);
        await closedTab.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => aborted);

        var stopping = ((IHostedService)site.Services.GetRequiredService<SessionRefresher>()).StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping;

        Assert.Equal(1, (await site.Families.GetAsync(ticket.SessionId))!.Generation);
    }

    [Fact]
    public async Task A_fresh_session_costs_no_refresh_and_no_cookie()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();

        var answer = await browser.GetAsync("/");

        answer.ShouldBe(HttpStatusCode.OK);
        answer.ShouldSetNoCookies();
        Assert.Equal((0, 0), (site.RefreshCalls, site.UserCalls));
    }

    [Theory]
    [
        InlineData("/css/site.css", null),
        InlineData("/js/token-session.js", null),
        InlineData("/app", "prefetch"),
        InlineData("/", "prefetch;prerender")
    ]
    public async Task Assets_and_prefetches_never_refresh(string path, string? purpose)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = purpose is null ? await browser.GetAsync(path) : await browser.GetAsync(path, ("Sec-Purpose", purpose));

        answer.ShouldSetNoCookies();
        Assert.Equal(0, site.RefreshCalls);
    }

    [Fact]
    public async Task The_calls_of_a_page_use_the_token_that_was_refreshed_for_it()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = await browser.GetAsync("/app");

        Assert.Contains("demo@example.com", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (site.RefreshCalls, site.UserCalls));
    }

    private static async Task<HttpResponseMessage[]> SendAsync(TestBrowser browser, int pages, TimeSpan apart)
    {
        using var pace = new PeriodicTimer(apart > TimeSpan.Zero ? apart : TimeSpan.FromMilliseconds(1));
        var sent = new List<Task<HttpResponseMessage>>();
        for (var page = 0; page < pages; page++)
        {
            sent.Add(Task.Run(() => browser.GetAndForgetAsync("/app")));
            if (apart > TimeSpan.Zero)
            {
                await pace.WaitForNextTickAsync();
            }
        }

        return await Task.WhenAll(sent);
    }

    private static async Task SurvivesTheNextExpiry(TestSite site, TestBrowser browser, HttpResponseMessage kept)
    {
        browser.Keep(kept);
        site.Backend.Faults.Latency = TimeSpan.Zero;
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((2, 0), (site.Backend.Refreshes, site.Backend.Reuses));
    }
}
