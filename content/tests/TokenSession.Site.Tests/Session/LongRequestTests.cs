using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Refit;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A request that takes longer than the lifetime of an access token, such as a stream of events. Until the session ends, its
/// backend calls have the newest token. No call is sent without a token.</summary>
public sealed class LongRequestTests
{
    [Fact]
    public async Task After_two_refreshes_of_other_tabs_and_beyond_the_grace_period_its_calls_have_the_newest_token()
    {
        await using var site = new TestSite();
        var tab = await site.NewSignedInBrowserAsync();
        using var request = await LongRequest.BeginAsync(site, tab);
        for (var refresh = 0; refresh < 2; refresh++)
        {
            site.Time.Advance(TimeSpan.FromMinutes(2));
            (await tab.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            await tab.GetAsync("/app");
        }

        // This time is after the grace period of the cookie of the request, but before the newest token expires.
        site.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(HttpStatusCode.OK, await request.CallAsync());

        Assert.Equal([tab.AccessToken], request.Tokens);
        Assert.Equal((2, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Fact]
    public async Task Without_other_tabs_it_refreshes_the_session()
    {
        await using var site = new TestSite();
        var tab = await site.NewSignedInBrowserAsync();
        using var request = await LongRequest.BeginAsync(site, tab);
        for (var call = 1; call <= 3; call++)
        {
            site.ExpireAccessTokens();
            Assert.Equal(HttpStatusCode.OK, await request.CallAsync());
            Assert.Equal(call, site.RefreshCalls);
        }

        // The tab has the first cookie and receives the tokens that the request got.
        (await tab.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(request.Tokens[^1], tab.AccessToken);
        Assert.Equal((3, 3, 0), (request.Tokens.Distinct().Count(), site.RefreshCalls, site.Backend.Reuses));
    }

    [Fact]
    public async Task A_token_of_seconds_that_expires_on_the_way_to_the_backend_is_replaced()
    {
        await using var site = new TestSite();
        site.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(3);
        var tab = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        (await tab.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        var (calls, gate) = (site.UserCalls, new TaskCompletionSource());
        site.Backend.Faults.Gate = gate.Task;
        var page = tab.GetAsync("/app");
        await Wait.UntilAsync(() => site.UserCalls > calls);

        site.ExpireAccessTokens();
        gate.SetResult();

        (await page).ShouldBe(HttpStatusCode.OK);
        Assert.Equal((2, 0), (site.Backend.Refreshes, site.Backend.Reuses));
    }

    [Theory]
    [InlineData("TokenSession:AbsoluteTimeout"), InlineData("TokenSession:IdleTimeout")]
    public async Task It_ends_with_the_limits_of_its_session(string limit)
    {
        await using var site = new TestSite().With(limit, "01:00:00");
        using var request = await LongRequest.BeginAsync(site, await site.NewSignedInBrowserAsync());
        site.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, await request.CallAsync());

        site.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(HttpStatusCode.Unauthorized, await request.CallAsync());
        Assert.Equal((1, 1), (request.Tokens.Count, site.RefreshCalls));
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
    }

    [Fact]
    public async Task After_a_sign_out_in_another_tab_and_the_expiry_of_its_token_nothing_is_sent()
    {
        await using var site = new TestSite();
        var tab = await site.NewSignedInBrowserAsync();
        using var request = await LongRequest.BeginAsync(site, tab);
        await tab.SignOutAsync();
        site.ExpireAccessTokens();

        Assert.Equal(HttpStatusCode.Unauthorized, await request.CallAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await request.CallAsync());

        Assert.Empty(request.Tokens);
        Assert.Equal(0, site.RefreshCalls);
    }

    [Fact]
    public async Task While_the_backend_cannot_refresh_nothing_is_sent_and_then_it_continues()
    {
        await using var site = new TestSite();
        var tab = await site.NewSignedInBrowserAsync();
        using var request = await LongRequest.BeginAsync(site, tab);
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable, path: "/auth/refresh");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await request.CallAsync());
        Assert.Empty(request.Tokens);

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await request.CallAsync());
        Assert.Single(request.Tokens);
    }

    [Fact]
    public async Task A_guest_calls_without_a_token()
    {
        await using var site = new TestSite();
        using var request = await LongRequest.BeginAsync(site, site.NewBrowser());
        Assert.Equal(HttpStatusCode.OK, await request.CallAsync());
        Assert.Equal([null], request.Tokens);
    }

    [Fact]
    public async Task An_endpoint_that_streams_sees_the_same()
    {
        var steps = System.Threading.Channels.Channel.CreateUnbounded<bool>();
        var done = System.Threading.Channels.Channel.CreateUnbounded<bool>();
        await using var site = new TestSite().WithEndpoints(endpoints =>
            endpoints
                .MapGet(
                    "/events",
                    async (HttpContext context, IBackendApi api) =>
                    {
                        await context.Response.WriteAsync("begun ");
                        await context.Response.Body.FlushAsync();
                        done.Writer.TryWrite(true);
                        await foreach (var _ in steps.Reader.ReadAllAsync())
                        {
                            await context.Response.WriteAsync($"{await StatusOfAsync(api)} ");
                            done.Writer.TryWrite(true);
                        }
                    }
                )
                .RequireAuthorization()
        );
        var tab = await site.NewSignedInBrowserAsync();
        var events = tab.GetAndForgetAsync("/events");
        await done.Reader.ReadAsync();

        site.ExpireAccessTokens();
        await StepAsync();
        var calls = site.UserCalls;
        await tab.SignOutAsync();
        site.ExpireAccessTokens();
        await StepAsync();
        steps.Writer.Complete();

        Assert.Equal("begun OK Unauthorized ", await (await events).Content.ReadAsStringAsync());
        Assert.Equal((1, 1), (calls, site.UserCalls));

        async Task StepAsync()
        {
            steps.Writer.TryWrite(true);
            await done.Reader.ReadAsync();
        }
    }

    private static async Task<HttpStatusCode> StatusOfAsync(IBackendApi api)
    {
        try
        {
            await api.GetMeAsync();
            return HttpStatusCode.OK;
        }
        catch (ApiException exception)
        {
            return exception.StatusCode;
        }
    }

    /// <summary>A request in progress, and the network of its backend calls.</summary>
    private sealed class LongRequest : HttpMessageHandler
    {
        private readonly IDisposable scope;
        private readonly HttpContextAccessor accessor = new();
        private readonly HttpContext context;
        private readonly HttpMessageInvoker calls;

        private LongRequest(IDisposable scope, HttpContext context)
        {
            (this.scope, this.context) = (scope, context);
            calls = new(
                new AccessTokenHandler(accessor, (response, _) => ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized))
                {
                    InnerHandler = this,
                },
                disposeHandler: false
            );
        }

        /// <summary>The tokens that arrived at the network; null is a call without a token.</summary>
        public List<string?> Tokens { get; } = [];

        public static async Task<LongRequest> BeginAsync(TestSite site, TestBrowser browser)
        {
            var scope = site.ContextOf(browser, out var context);
            await context.AuthenticateAsync(TokenSessionOptions.Scheme);
            return new(scope, context);
        }

        public async Task<HttpStatusCode> CallAsync()
        {
            // Belongs to the asynchronous flow, as in a server.
            accessor.HttpContext = context;
            using var response = await calls.SendAsync(new(HttpMethod.Get, "http://backend.test/items"), CancellationToken.None);
            return response.StatusCode;
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Tokens.Add(request.Headers.Authorization?.Parameter);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }

        protected override void Dispose(bool disposing)
        {
            calls.Dispose();
            scope.Dispose();
            base.Dispose(disposing);
        }
    }
}
