using System.Net;
using TokenSessionSite.Tests.Infrastructure;

namespace TokenSessionSite.Tests.Session;

/// <summary>Any number of requests on one expired session: one refresh, and everybody is served, now and at the next expiry.</summary>
public sealed class OneRefreshTests
{
    [Theory]
    [InlineData(20, 0, 0), InlineData(20, 60, 0), InlineData(20, 300, 0), InlineData(20, 60, 15)]
    [InlineData(64, 0, 0), InlineData(64, 60, 0), InlineData(64, 300, 0), InlineData(64, 0, 15)]
    [InlineData(500, 0, 0), InlineData(500, 60, 0), InlineData(500, 300, 0)]
    public async Task Any_number_of_pages_on_one_expired_session_cost_one_refresh(int pages, int latency, int apart)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(latency);

        var answers = await SendAsync(browser, pages, TimeSpan.FromMilliseconds(apart));

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
        Assert.Single(answers.Select(AccessTokenIn).Distinct());
        await SurvivesTheNextExpiry(site, browser, answers[Random.Shared.Next(pages)]);
    }

    [Fact]
    public async Task Refresh_calls_of_six_tabs_together_with_six_pages_cost_one_refresh()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(60);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).SelectMany(_ => new[]
        {
            browser.GetAndForgetAsync("/app"),
            browser.SendAndForgetAsync(new(HttpMethod.Post, "/api/auth/refresh")),
        }));

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Fact]
    public async Task Two_users_at_once_cost_two_refreshes_and_nothing_crosses_over()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("ada@example.com", "ada");
        var demo = await site.NewSignedInBrowserAsync();
        var ada = await site.NewSignedInBrowserAsync("ada@example.com", "ada");
        site.ExpireAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(60);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async request =>
        {
            var isAda = request % 2 is 0;
            var page = await (isAda ? ada : demo).GetAndForgetAsync("/app");
            return (isAda, Html: await page.Content.ReadAsStringAsync());
        }));

        Assert.Equal((2, 0), (site.RefreshCalls, site.Backend.Reuses));
        Assert.All(answers, answer =>
        {
            Assert.Equal(answer.isAda, answer.Html.Contains("ada@example.com", StringComparison.Ordinal));
            Assert.Equal(!answer.isAda, answer.Html.Contains("demo@example.com", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task A_request_that_its_browser_aborts_wastes_no_refresh()
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
    public async Task A_fresh_session_costs_no_refresh_and_no_cookie()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();

        var answer = await browser.GetAsync("/");

        answer.ShouldBe(HttpStatusCode.OK);
        answer.ShouldSetNoCookies();
        Assert.Equal((0, 0), (site.RefreshCalls, site.Calls("/users/me")));
    }

    [Theory]
    [InlineData("/css/site.css", null), InlineData("/js/token-session.js", null), InlineData("/app", "prefetch"), InlineData("/", "prefetch;prerender")]
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
        Assert.Equal((1, 1), (site.RefreshCalls, site.Calls("/users/me")));
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

    private static string AccessTokenIn(HttpResponseMessage answer) => TestBrowser.SetCookies(answer)
        .Single(cookie => cookie.Name.EndsWith("_token", StringComparison.Ordinal) && !cookie.Name.EndsWith("_refresh_token", StringComparison.Ordinal))
        .Value.ToString();

    private static async Task SurvivesTheNextExpiry(TestSite site, TestBrowser browser, HttpResponseMessage kept)
    {
        browser.Keep(kept);
        site.Backend.Faults.Latency = TimeSpan.Zero;
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((2, 0), (site.Backend.Refreshes, site.Backend.Reuses));
    }
}
