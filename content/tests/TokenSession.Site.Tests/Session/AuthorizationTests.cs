using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The four usual ways of ASP.NET Core to protect a resource: an endpoint, a controller, a hub, a page by convention.</summary>
public sealed class AuthorizationTests
{
    public static TheoryData<string, string> Protected =>
        new()
        {
            { "GET", "/tests/orders" },
            { "GET", "/controller/orders" },
            { "POST", "/tests/hub/negotiate?negotiateVersion=1" },
            { "GET", "/" },
        };

    [Theory, MemberData(nameof(Protected))]
    public async Task A_signed_in_user_is_let_in_and_an_expired_access_token_costs_one_refresh(string method, string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        (await AskAsync(browser, method, path)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(0, site.RefreshCalls);

        site.ExpireAccessTokens();
        (await AskAsync(browser, method, path)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, site.RefreshCalls);

        // The refreshed cookies have arrived.
        (await AskAsync(browser, method, path)).ShouldSetNoCookies();
        Assert.Equal(1, site.RefreshCalls);
    }

    [Theory, MemberData(nameof(Protected))]
    public async Task While_the_backend_is_down_an_expired_access_token_is_503_and_not_a_sign_in(string method, string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        foreach (var (accept, mediaType) in new[] { ("application/json", "application/problem+json"), ("text/html", "text/html") })
        {
            var answer = await AskAsync(browser, method, path, accept);
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
            Assert.True(answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
            Assert.Equal(mediaType, answer.Content.Headers.ContentType?.MediaType);
            answer.ShouldSetNoCookies();
        }

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await AskAsync(browser, method, path)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory, MemberData(nameof(Protected))]
    public async Task A_guest_with_a_script_gets_401_that_it_can_read(string method, string path)
    {
        await using var site = NewSite();
        foreach (
            var headers in new (string, string)[][]
            {
                [("Accept", "application/json")],
                [("Accept", "*/*"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")],
            }
        )
        {
            var answer = await site.NewBrowser().SendAsync(new(new HttpMethod(method), path), headers);
            answer.ShouldBe(HttpStatusCode.Unauthorized);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.Null(answer.Headers.Location);
        }
    }

    [Theory]
    [
        InlineData("/tests/orders?page=2", "/login?returnTo=%2Ftests%2Forders%3Fpage%3D2"),
        InlineData("/controller/orders", "/login?returnTo=%2Fcontroller%2Forders"),
        InlineData("/tests/hub", "/login?returnTo=%2Ftests%2Fhub"),
        InlineData("/", "/login?returnTo=%2F")
    ]
    public async Task A_guest_with_a_browser_is_redirected_to_the_login_page_and_back(string path, string location)
    {
        await using var site = NewSite();
        (await AskAsync(site.NewBrowser(), "GET", path, "text/html,application/xhtml+xml,*/*;q=0.8")).ShouldRedirectTo(location);
    }

    [Fact]
    public async Task A_session_that_the_backend_has_ended_is_that_of_a_guest()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.RevokeEverySession();
        site.ExpireAccessTokens();

        (await AskAsync(browser, "GET", "/tests/orders")).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task A_hub_over_a_web_socket_knows_its_user_and_calls_the_backend_for_as_long_as_it_is_open()
    {
        await using var site = NewSite().OnARealPort();
        var address = site.ClientOptions.BaseAddress;
        var browser = await site.NewSignedInBrowserAsync(address: address.ToString());
        site.ExpireAccessTokens();
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Cookie", string.Join("; ", browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));

        await socket.ConnectAsync(new($"ws://localhost:{address.Port}/tests/hub"), CancellationToken.None);

        Assert.Equal(1, site.RefreshCalls);
        Assert.Contains(socket.HttpResponseHeaders!["Set-Cookie"], cookie => cookie.Contains("_refresh_token=", StringComparison.Ordinal));

        await SendAsync("""{"protocol":"json","version":1}""");
        site.ExpireAccessTokens();
        await SendAsync("""{"type":1,"invocationId":"1","target":"WhoAmI","arguments":[]}""");
        var heard = "";
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!heard.Contains("\"invocationId\":\"1\"", StringComparison.Ordinal))
        {
            heard += Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, patience.Token)).Count);
        }

        Assert.Contains($"\"result\":\"{DemoBackend.Email} {DemoBackend.Email}\"", heard, StringComparison.Ordinal);
        Assert.Equal(2, site.RefreshCalls);

        Task SendAsync(string message) =>
            socket.SendAsync(
                Encoding.UTF8.GetBytes(message + "\u001e"),
                WebSocketMessageType.Text,
                endOfMessage: true,
                CancellationToken.None
            );
    }

    private static Task<HttpResponseMessage> AskAsync(
        TestBrowser browser,
        string method,
        string path,
        string accept = "application/json"
    ) => browser.SendAsync(new(new HttpMethod(method), path), [("Accept", accept)]);

    private static TestSite NewSite() =>
        new TestSite()
            .With(services =>
            {
                services.AddControllers().AddApplicationPart(typeof(OwnerController).Assembly);
                services.AddSignalR();
                services.Configure<RazorPagesOptions>(options => options.Conventions.AuthorizePage("/Index"));
            })
            .WithEndpoints(endpoints =>
            {
                endpoints.MapGet("/tests/orders", (IBackendApi api) => api.GetMeAsync()).RequireAuthorization();
                endpoints.MapControllers();
                endpoints.MapHub<OwnerHub>("/tests/hub").RequireAuthorization();
            });
}

[Authorize]
[Route("/controller")]
public sealed class OwnerController(IBackendApi api) : ControllerBase
{
    [HttpGet("orders")]
    public Task<BackendUser> Orders() => api.GetMeAsync();
}

public sealed class OwnerHub(IBackendApi api) : Hub
{
    public async Task<string> WhoAmI() => $"{Context.UserIdentifier} {(await api.GetMeAsync()).Email}";
}
