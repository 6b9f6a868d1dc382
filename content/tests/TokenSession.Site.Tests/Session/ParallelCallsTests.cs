using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>One request that makes two backend calls at the same time. The backend refuses both because of the access token.</summary>
public sealed class ParallelCallsTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Two_calls_of_one_request_with_a_refused_access_token_both_succeed_after_one_refresh(bool secondRefusalIsLate)
    {
        var network = new Network { HoldsSecondRefusal = secondRefusalIsLate };
        await using var site = new TestSite().With(network.Register).WithEndpoints(MapBoth);
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromSeconds(10));
        site.Backend.InvalidateAccessTokens();

        var answer = await browser.GetAsync("/both");

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("demo@example.com demo@example.com", await answer.Content.ReadAsStringAsync());
        Assert.Equal((1, 2, 2), (site.RefreshCalls, network.Refused, network.Accepted));
        Assert.Equal(site.TicketOf(browser)!.Tokens.AccessToken, browser.AccessToken);
        (await browser.GetAsync("/both")).ShouldSetNoCookies();
        Assert.Equal((1, 0), (site.RefreshCalls, site.Backend.Reuses));
    }

    [Fact]
    public async Task Two_calls_whose_refresh_fails_are_a_503_after_one_refresh()
    {
        var network = new Network();
        await using var site = new TestSite().With(network.Register).WithEndpoints(MapBoth);
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.InvalidateAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable, path: "/auth/refresh");

        var answer = await browser.GetAsync("/both");

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.ShouldSetNoCookies();
        Assert.Equal((1, 2, 0), (site.RefreshCalls, network.Refused, network.Accepted));
    }

    private static void MapBoth(IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapGet(
                "/both",
                async (IBackendApi api) =>
                    string.Join(' ', (await Task.WhenAll(api.GetMeAsync(), api.GetMeAsync())).Select(account => account.Email))
            )
            .RequireAuthorization();

    /// <summary>Makes both calls with the same token: the first call waits for the second one. The second refusal can be held until the
    /// first call has been repeated successfully.</summary>
    private sealed class Network
    {
        private readonly TaskCompletionSource bothSent = new(),
            firstRepeated = new();

        private int sent,
            refused,
            accepted;

        public bool HoldsSecondRefusal { get; init; }

        public int Refused => refused;

        public int Accepted => accepted;

        public void Register(IServiceCollection services) =>
            services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                client.HttpMessageHandlerBuilderActions.Add(builder => builder.AdditionalHandlers.Add(new Handler(this)))
            );

        private async Task<HttpResponseMessage> PassAsync(Func<Task<HttpResponseMessage>> send)
        {
            if (Interlocked.Increment(ref sent) is 2)
            {
                bothSent.SetResult();
            }

            await bothSent.Task;
            var response = await send();
            if (response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref accepted);
                firstRepeated.TrySetResult();
            }
            else if (Interlocked.Increment(ref refused) is 2 && HoldsSecondRefusal)
            {
                await firstRepeated.Task;
            }

            return response;
        }

        private sealed class Handler(Network network) : DelegatingHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
                request.RequestUri!.AbsolutePath == DemoBackendHandler.UserPath
                    ? network.PassAsync(() => base.SendAsync(request, cancellationToken))
                    : base.SendAsync(request, cancellationToken);
        }
    }
}
