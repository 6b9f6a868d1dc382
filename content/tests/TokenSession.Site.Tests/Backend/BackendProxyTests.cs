using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tests.Infrastructure;

namespace Tests.Backend;

public sealed class BackendProxyTests
{
    [Fact]
    public async Task Scripts_reach_the_backend_with_the_sessions_token_and_without_its_cookies()
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = await browser.SendAsync(
            new(HttpMethod.Post, "/api/backend/items/1?fields=a,b")
            {
                Content = new StringContent("{}", Encoding.UTF8, "application/json"),
            },
            [("Sec-Fetch-Site", "same-origin"), ("Authorization", "Bearer of-a-script")]
        );

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("POST http://demo-backend.invalid/items/1?fields=a,b {}", network.Call);
        Assert.Equal(site.TicketOf(browser)!.Tokens.AccessToken, network.Token);
        Assert.DoesNotContain("Cookie", network.Headers);
        Assert.Equal(1, site.RefreshCalls);
        Assert.DoesNotContain(TestBrowser.SetCookies(answer), cookie => cookie.Name == "backends_own");
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [
        InlineData("/users/me"),
        InlineData("/itemsandmore"),
        InlineData("/Items"),
        InlineData(""),
        InlineData("/"),
        InlineData("/items/../users/me")
    ]
    [
        InlineData("/items/%2e%2e/users/me"),
        InlineData("/items/..%2fusers/me"),
        InlineData("/items/%252e%252e/users"),
        InlineData("/items//evil.example")
    ]
    [
        InlineData("/items/..;/users/me"),
        InlineData("/items/%2e%2e;/users/me"),
        InlineData("/items/..%3bx/users/me"),
        InlineData("/items/..%20/users/me")
    ]
    [
        InlineData("/items/%EF%BC%8E%EF%BC%8E/users/me"),
        InlineData("/items/%5c..%5cusers"),
        InlineData("//evil.example/items"),
        InlineData("/%2f%2fevil.example/items"),
        InlineData("@evil.example/items")
    ]
    public async Task Nothing_else_of_the_backend_is_open(string path)
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        (await browser.GetAsync("/api/backend" + path)).ShouldBe(HttpStatusCode.NotFound);

        Assert.Null(network.Call);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1"), InlineData("X-Real-IP", "127.0.0.1"), InlineData("X-Original-URL", "/users")]
    [
        InlineData("X-HTTP-Method-Override", "DELETE"),
        InlineData("X-Forwarded-Host", "evil.example"),
        InlineData("Connection", "X-Hop"),
        InlineData("X-Hop", "1")
    ]
    [
        InlineData("Cookie", "a=b"),
        InlineData("Origin", "https://localhost"),
        InlineData("Referer", "https://localhost/app"),
        InlineData("Te", "trailers")
    ]
    public async Task Who_asks_and_for_what_is_not_a_scripts_to_say(string header, string value)
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        (await browser.GetAsync("/api/backend/items", (header, value), ("Accept", "application/json"))).ShouldBe(HttpStatusCode.OK);

        Assert.DoesNotContain(header, network.Headers);
        Assert.Contains("Accept", network.Headers);
    }

    [Fact]
    public async Task What_the_backend_tells_browsers_about_its_own_origin_stays_there()
    {
        await using var site = Open(new Network());

        var answer = await (await site.NewSignedInBrowserAsync()).GetAsync("/api/backend/items");

        Assert.Equal("\"1\"", answer.Headers.ETag?.Tag);
        Assert.DoesNotContain(answer.Headers, header => Network.Own.Contains(header.Key));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
    }

    [Fact]
    public async Task By_default_nothing_is_open()
    {
        await using var site = new TestSite();
        (await (await site.NewSignedInBrowserAsync()).GetAsync("/api/backend/users/me")).ShouldBe(HttpStatusCode.NotFound);
        Assert.Equal(0, site.UserCalls);
    }

    [Fact]
    public async Task Guests_get_401_other_sites_403_and_an_outage_503()
    {
        var network = new Network();
        await using var site = Open(network);
        (await site.NewBrowser().GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.Unauthorized);

        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync("/api/backend/items", ("Sec-Fetch-Site", "cross-site"))).ShouldBe(HttpStatusCode.Forbidden);

        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        (await browser.GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Null(network.Call);
    }

    [Fact]
    public async Task A_token_that_the_backend_refuses_is_renewed_for_the_next_call()
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromSeconds(10));
        network.Refuses = site.TicketOf(browser)!.Tokens.AccessToken;

        (await browser.GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal(1, site.RefreshCalls);
    }

    [Theory]
    [InlineData("document"), InlineData("iframe"), InlineData("image"), InlineData("script")]
    public async Task What_the_backend_keeps_never_becomes_a_page_of_this_site(string destination)
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync("/api/backend/items", ("Sec-Fetch-Dest", destination))).ShouldBe(HttpStatusCode.Forbidden);
        Assert.Null(network.Call);
    }

    [Fact]
    public async Task Scripts_that_poll_do_not_keep_an_idle_session_alive()
    {
        await using var site = Open(new Network()).With("TokenSession:IdleTimeout", "00:10:00");
        var browser = await site.NewSignedInBrowserAsync();
        for (var minute = 1; minute < 10; minute++)
        {
            site.Time.Advance(TimeSpan.FromMinutes(1));
            (await browser.GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.OK);
        }

        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await browser.GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_backend_that_cannot_be_reached_is_a_bad_gateway()
    {
        await using var site = Open(new Network { IsDown = true });
        (await (await site.NewSignedInBrowserAsync()).GetAsync("/api/backend/items")).ShouldBe(HttpStatusCode.BadGateway);
    }

    private static TestSite Open(Network network) =>
        new TestSite()
            .With("Backend:ProxyPrefixes:0", "/items")
            .With(services =>
                services.Replace(ServiceDescriptor.Singleton(new BackendProxy.BackendConnection(new HttpMessageInvoker(network))))
            );

    private sealed class Network : HttpMessageHandler
    {
        /// <summary>Headers that apply only to the origin of the backend.</summary>
        public static readonly string[] Own =
        [
            "Set-Cookie",
            "Clear-Site-Data",
            "Access-Control-Allow-Origin",
            "Refresh",
            "Location",
            "Service-Worker-Allowed",
            "WWW-Authenticate",
            "Link",
            "Server",
            "X-Powered-By",
        ];

        public bool IsDown { get; init; }

        public string? Refuses { get; set; }

        public string? Call { get; private set; }

        public string? Token { get; private set; }

        public IEnumerable<string> Headers { get; private set; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsDown)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "down");
            }

            var body = request.Content is null ? "" : " " + await request.Content.ReadAsStringAsync(cancellationToken);
            (Call, Token, Headers) = (
                $"{request.Method} {request.RequestUri}{body}",
                request.Headers.Authorization?.Parameter,
                [.. request.Headers.Select(header => header.Key)]
            );
            var answer = new HttpResponseMessage(Token == Refuses ? HttpStatusCode.Unauthorized : HttpStatusCode.OK)
            {
                Content = new StringContent("<script>alert(1)</script>", Encoding.UTF8, "text/html"),
                Headers = { { "ETag", "\"1\"" } },
            };
            foreach (var name in Own)
            {
                answer.Headers.TryAddWithoutValidation(name, "backends_own=1");
            }

            return answer;
        }
    }
}
