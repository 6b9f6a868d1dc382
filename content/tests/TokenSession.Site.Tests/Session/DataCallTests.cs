using System.Net;
using Microsoft.AspNetCore.Http;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A backend call that is refused because of its access token: one refresh, one retry.</summary>
public sealed class DataCallTests
{
    [Fact]
    public async Task A_refused_access_token_costs_one_refresh_and_one_retry()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.InvalidateAccessTokens();

        var answer = await browser.GetAsync("/app");

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal((1, 2), (site.RefreshCalls, site.UserCalls));
        answer = await browser.GetAsync("/app");
        answer.ShouldSetNoCookies();
        Assert.Equal((1, 3), (site.RefreshCalls, site.UserCalls));
    }

    [Fact]
    public async Task Twenty_pages_with_a_refused_access_token_cost_one_refresh()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.InvalidateAccessTokens();
        site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(30);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => browser.GetAndForgetAsync("/app")));

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Fact]
    public async Task A_backend_that_refuses_every_access_token_is_not_called_in_a_loop()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.InvalidateAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable, path: "/auth/refresh");

        var answer = await browser.GetAsync("/app");

        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal((1, 1), (site.RefreshCalls, site.UserCalls));
    }

    [Fact]
    public async Task A_backend_that_refuses_for_other_reasons_is_not_asked_for_tokens_with_every_call()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        for (var call = 0; call < 5; call++)
        {
            site.Backend.InvalidateAccessTokens();
            await browser.GetAsync("/app");
        }

        Assert.Equal(1, site.RefreshCalls);
    }

    [Fact]
    public async Task A_refused_token_whose_refresh_was_lost_is_not_used_again()
    {
        await using var site = new TestSite();
        site.Backend.AccessTokenLifetime = TimeSpan.FromHours(8);
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromMinutes(1));
        site.Backend.InvalidateAccessTokens();
        site.Backend.Faults.Break(DemoFault.Html, path: "/auth/refresh");
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [
        InlineData(DemoFault.Hang),
        InlineData(DemoFault.Unavailable),
        InlineData(DemoFault.Reset),
        InlineData(DemoFault.Refused),
        InlineData(DemoFault.Html)
    ]
    public async Task A_page_whose_backend_call_fails_says_try_again(DemoFault fault)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Faults.Break(fault, path: DemoBackendHandler.UserPath);

        var answer = browser.GetAsync("/app");
        await site.AdvanceUntilAsync(answer, atMost: TimeSpan.FromSeconds(12));

        (await answer).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("try again", await (await answer).Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_retry_has_the_whole_body_and_the_new_token()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var network = new RefusingNetwork();
        using var scope = site.ContextOf(browser, out var context);
        await ResumeAsync(context);
        using var invoker = Pipeline(context, network);
        var body = new string('x', 100_000);

        using var response = await invoker.SendAsync(
            new(HttpMethod.Post, "http://backend.test/items") { Content = new StringContent(body) },
            CancellationToken.None
        );

        Assert.Equal([body, body], network.Bodies);
        Assert.Equal(2, network.Tokens.Distinct().Count());
        Assert.Equal(context.GetTokenSession().Ticket!.Tokens.AccessToken, network.Tokens[1]);
    }

    [Fact]
    public async Task Two_users_through_one_pooled_handler_never_mix()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("ada@example.com", "ada");
        var browsers = new[] { await site.NewSignedInBrowserAsync(), await site.NewSignedInBrowserAsync("ada@example.com", "ada") };

        var pages = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(async request =>
                    (request, Html: await (await browsers[request % 2].GetAndForgetAsync("/app")).Content.ReadAsStringAsync())
                )
        );

        Assert.All(
            pages,
            page => Assert.Contains(page.request % 2 is 0 ? "demo@example.com" : "ada@example.com", page.Html, StringComparison.Ordinal)
        );
    }

    private static async Task ResumeAsync(HttpContext context) =>
        await Microsoft.AspNetCore.Authentication.AuthenticationHttpContextExtensions.AuthenticateAsync(
            context,
            TokenSessionOptions.Scheme
        );

    private static HttpMessageInvoker Pipeline(HttpContext context, HttpMessageHandler network) =>
        new(
            new AccessTokenHandler(
                new HttpContextAccessor { HttpContext = context },
                (response, _) => ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized)
            )
            {
                InnerHandler = network,
            }
        );

    /// <summary>Refuses the first call and accepts the second one.</summary>
    private sealed class RefusingNetwork : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public List<string?> Tokens { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            Tokens.Add(request.Headers.Authorization?.Parameter);
            return new(Bodies.Count is 1 ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
        }
    }
}
