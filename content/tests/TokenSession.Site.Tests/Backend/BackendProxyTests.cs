using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
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
        InlineData("Te", "trailers"),
        InlineData("User-Agent", "a-browser")
    ]
    public async Task Headers_about_the_client_the_user_and_the_route_are_not_forwarded(string header, string value)
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        (await browser.GetAsync("/api/backend/items", (header, value), ("Accept", "application/json"))).ShouldBe(HttpStatusCode.OK);

        Assert.DoesNotContain(header, network.Headers);
        Assert.Contains("Accept", network.Headers);
    }

    [Fact]
    public async Task Headers_about_the_origin_of_the_backend_are_not_forwarded()
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
    public async Task A_token_that_the_backend_refuses_is_renewed_and_the_call_repeated()
    {
        var network = new Network();
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromSeconds(10));
        network.Refuses = site.TicketOf(browser)!.Tokens.AccessToken;

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

    [Theory]
    [
        InlineData("image", "image/png", "inline"),
        InlineData("image", "image/svg+xml", "attachment"),
        InlineData("video", "video/mp4", "attachment"),
        InlineData("audio", "audio/mpeg", "attachment"),
        InlineData("track", "text/vtt", "attachment")
    ]
    [
        InlineData("document", "image/jpeg", "inline"),
        InlineData("document", "image/svg+xml", "attachment"),
        InlineData("document", "application/pdf", "attachment"),
        InlineData("document", "text/html", "attachment"),
        InlineData("document", null, "attachment"),
        InlineData("empty", "image/png", "inline"),
        InlineData(null, "text/html", "attachment")
    ]
    public async Task Files_of_an_opened_path_are_shown_and_saved_and_never_run(string? destination, string? mediaType, string disposition)
    {
        var network = new Network { MediaType = mediaType };
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        var answer = await browser.GetAsync(
            "/api/backend/assets/1",
            destination is null ? [] : [("Sec-Fetch-Dest", destination), ("Sec-Fetch-Site", "same-origin")]
        );

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal(site.TicketOf(browser)!.Tokens.AccessToken, network.Token);
        Assert.Equal(mediaType, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(disposition, answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Equal(
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            answer.Headers.GetValues("Content-Security-Policy").Single()
        );
    }

    [Theory]
    [
        InlineData("GET", "iframe", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "frame", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "object", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "embed", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "script", "same-origin", HttpStatusCode.Forbidden)
    ]
    [
        InlineData("GET", "worker", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "serviceworker", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "style", "same-origin", HttpStatusCode.Forbidden),
        InlineData("GET", "image", "cross-site", HttpStatusCode.Forbidden),
        InlineData("GET", "image", "same-site", HttpStatusCode.Forbidden),
        InlineData("GET", "document", "cross-site", HttpStatusCode.Forbidden)
    ]
    [
        InlineData("POST", "document", "same-origin", HttpStatusCode.Forbidden),
        InlineData("POST", "empty", "same-origin", HttpStatusCode.NotFound),
        InlineData("DELETE", "empty", "same-origin", HttpStatusCode.NotFound)
    ]
    public async Task Files_are_open_to_this_sites_images_media_and_downloads_only(
        string method,
        string destination,
        string from,
        HttpStatusCode status
    )
    {
        var network = new Network { MediaType = "image/png" };
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        var answer = await browser.SendAsync(
            new(new HttpMethod(method), "/api/backend/assets/1"),
            [("Sec-Fetch-Dest", destination), ("Sec-Fetch-Site", from)]
        );

        answer.ShouldBe(status);
        Assert.Null(network.Call);
    }

    [Fact]
    public async Task A_part_of_a_video_is_a_part()
    {
        var network = new Network
        {
            MediaType = "video/mp4",
            Status = HttpStatusCode.PartialContent,
            ContentRange = new(0, 9, 25),
        };
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        var answer = await browser.GetAsync(
            "/api/backend/assets/1",
            ("Sec-Fetch-Dest", "video"),
            ("Range", "bytes=0-9"),
            ("If-Range", "\"1\"")
        );

        answer.ShouldBe(HttpStatusCode.PartialContent);
        Assert.Equal("bytes 0-9/25", answer.Content.Headers.ContentRange?.ToString());
        Assert.Superset(new HashSet<string> { "Range", "If-Range" }, network.Headers.ToHashSet());
    }

    [Theory]
    [
        InlineData("inline; filename=report.pdf", "attachment; filename=report.pdf"),
        InlineData("attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf", "attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf"),
        InlineData("inline; filename=\"\u00e9t\u00e9.pdf\"", "attachment"),
        InlineData("so what", "attachment")
    ]
    public async Task A_download_has_the_name_that_the_backend_gives_it(string sent, string received)
    {
        await using var site = Open(new Network { MediaType = "application/pdf", ContentDisposition = sent });
        var answer = await (await site.NewSignedInBrowserAsync()).GetAsync("/api/backend/assets/1", ("Sec-Fetch-Dest", "document"));
        Assert.Equal(received, answer.Content.Headers.NonValidated["Content-Disposition"].ToString());
    }

    [Fact]
    public async Task A_browser_stores_a_file_and_must_ask_the_site_before_each_use()
    {
        var network = new Network { MediaType = "image/png" };
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();
        AssertStored(await browser.GetAsync("/api/backend/assets/1"));

        network.Status = HttpStatusCode.NotModified;
        var answer = await browser.GetAsync("/api/backend/assets/1", ("If-None-Match", "\"1\""));
        answer.ShouldBe(HttpStatusCode.NotModified);
        AssertStored(answer);
        Assert.Contains("If-None-Match", network.Headers);

        // Cookies must not be stored, and data for scripts is not stored.
        network.Status = HttpStatusCode.OK;
        Assert.True((await browser.GetAsync("/api/backend/items")).Headers.CacheControl?.NoStore);
        site.ExpireAccessTokens();
        answer = await browser.GetAsync("/api/backend/assets/1");
        Assert.NotEmpty(TestBrowser.SetCookies(answer));
        Assert.True(answer.Headers.CacheControl?.NoStore);

        static void AssertStored(HttpResponseMessage answer)
        {
            Assert.Equal("\"1\"", answer.Headers.ETag?.Tag);
            Assert.Equal("no-cache, private", answer.Headers.CacheControl?.ToString());
            Assert.Contains("Cookie", answer.Headers.Vary);
        }
    }

    [Fact]
    public async Task After_the_session_an_image_is_401_without_a_page_and_a_link_to_a_file_leads_to_the_login_page()
    {
        var network = new Network { MediaType = "image/png" };
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.RevokeEverySession();
        site.ExpireAccessTokens();

        var image = await browser.GetAsync(
            "/api/backend/assets/1",
            ("Accept", "image/avif,image/webp,*/*;q=0.8"),
            ("Sec-Fetch-Dest", "image"),
            ("Sec-Fetch-Mode", "no-cors")
        );
        image.ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Equal("application/problem+json", image.Content.Headers.ContentType?.MediaType);

        var link = await browser.GetAsync("/api/backend/assets/1", ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Mode", "navigate"));
        link.ShouldRedirectTo("/login?returnTo=%2Fapi%2Fbackend%2Fassets%2F1");
        Assert.Null(network.Call);
    }

    [Theory]
    [
        InlineData(HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound),
        InlineData(HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
        InlineData(HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Unauthorized),
        InlineData(HttpStatusCode.BadGateway, HttpStatusCode.BadGateway, HttpStatusCode.BadGateway),
        InlineData(HttpStatusCode.Redirect, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable),
        InlineData(null, HttpStatusCode.BadGateway, HttpStatusCode.BadGateway)
    ]
    public async Task A_link_to_a_file_that_fails_shows_the_error_page_and_a_script_gets_what_the_backend_says(
        HttpStatusCode? sent,
        HttpStatusCode forPersons,
        HttpStatusCode forScripts
    )
    {
        var network = new Network { IsDown = sent is null, Status = sent ?? HttpStatusCode.OK };
        await using var site = Open(network);
        var browser = await site.NewSignedInBrowserAsync();

        var page = await browser.GetAsync(
            "/api/backend/assets/1",
            ("Accept", "text/html,*/*"),
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Mode", "navigate")
        );
        page.ShouldBe(forPersons);
        Assert.Null(page.Content.Headers.ContentDisposition);
        var title = forPersons switch
        {
            HttpStatusCode.NotFound => "Page not found",
            HttpStatusCode.Forbidden => "Not allowed",
            _ => "Try again in a moment",
        };
        Assert.Contains($"<h1>{title}</h1>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var script = await browser.GetAsync("/api/backend/assets/1", ("Accept", "*/*"), ("Sec-Fetch-Mode", "cors"));
        script.ShouldBe(forScripts);
        Assert.Equal(sent == forScripts ? "text/html" : "application/problem+json", script.Content.Headers.ContentType?.MediaType);
    }

    [Theory, InlineData("/items", "empty"), InlineData("/assets/1", "image"), InlineData("/assets/1", "document")]
    public async Task Scripts_and_images_do_not_keep_an_idle_session_alive(string path, string destination)
    {
        await using var site = Open(new Network { MediaType = "image/png" }).With("TokenSession:IdleTimeout", "00:10:00");
        var browser = await site.NewSignedInBrowserAsync();
        var mode = destination is "document" ? "navigate" : "no-cors";
        for (var minute = 1; minute < 10; minute++)
        {
            site.Time.Advance(TimeSpan.FromMinutes(1));
            (await AskAsync()).ShouldBe(HttpStatusCode.OK);
        }

        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await AskAsync()).ShouldBe(destination is "document" ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized);

        Task<HttpResponseMessage> AskAsync() =>
            browser.GetAsync("/api/backend" + path, ("Sec-Fetch-Dest", destination), ("Sec-Fetch-Mode", mode));
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
            .With("Backend:FilePrefixes:0", "/assets")
            .With(services =>
                services.PostConfigure<HttpClientFactoryOptions>(
                    "backend proxy",
                    client => client.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = network)
                )
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

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public string? MediaType { get; init; } = "text/html";

        public string? ContentDisposition { get; init; }

        public ContentRangeHeaderValue? ContentRange { get; init; }

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
            var content = new ByteArrayContent("<script>alert(1)</script>"u8.ToArray())
            {
                Headers = { ContentType = MediaType is null ? null : new(MediaType), ContentRange = ContentRange },
            };
            content.Headers.TryAddWithoutValidation("Content-Disposition", ContentDisposition);
            var answer = new HttpResponseMessage(Token == Refuses ? HttpStatusCode.Unauthorized : Status)
            {
                Content = content,
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
