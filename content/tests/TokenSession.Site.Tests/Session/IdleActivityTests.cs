using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Only the activity of a user extends the idle limit; the requests of a script do not. Each test sends one request a minute and
/// has a limit of ten minutes.</summary>
public sealed class IdleActivityTests
{
    private const int Minutes = 30;

    [Theory]
    [InlineData("cors"), InlineData("same-origin"), InlineData("no-cors")]
    public async Task A_page_that_a_script_polls_does_not_keep_the_session_alive(string mode)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(9, await PollAsync(site, () => browser.GetAsync("/app", ("Sec-Fetch-Mode", mode))));
        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task A_page_that_a_person_opens_through_a_service_worker_of_Firefox_does()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        (string, string)[] headers = [("Sec-Fetch-Mode", "same-origin"), ("Accept", "text/html,*/*")];
        Assert.Equal(Minutes, await PollAsync(site, () => browser.GetAsync("/app", headers)));
    }

    [Theory]
    [InlineData("/app", "navigate"), InlineData("/app", null), InlineData("/", "navigate")]
    public async Task A_page_that_a_person_opens_does(string path, string? mode)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(Minutes, await PollAsync(site, () => browser.GetAsync(path, mode is null ? [] : [("Sec-Fetch-Mode", mode)])));
        Assert.True(site.TicketOf(browser)!.LastActive > site.Time.GetUtcNow() - TimeSpan.FromMinutes(2));
    }

    [Theory]
    [InlineData("/silent", 9), InlineData("/counts", Minutes), InlineData("/counts-only", Minutes)]
    public async Task An_endpoint_counts_when_it_says_so(string path, int alive)
    {
        await using var site = NewSite()
            .WithEndpoints(endpoints =>
            {
                endpoints.MapGet("/silent", () => "").RequireAuthorization();
                endpoints
                    .MapGet("/counts-only", [SessionEndpoint(CountsAsActivity = true, Refresh = false)] () => "")
                    .RequireAuthorization();
                endpoints.MapGet("/counts", [SessionEndpoint(CountsAsActivity = true)] () => "").RequireAuthorization();
            });
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(alive, await PollAsync(site, () => browser.GetAsync(path, ("Sec-Fetch-Mode", "cors"))));
    }

    [Theory]
    [InlineData("", 9), InlineData("?active=false", 9), InlineData("?active=true", Minutes)]
    public async Task A_refresh_counts_when_the_user_was_active(string query, int alive)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(alive, await PollAsync(site, () => browser.PostAsync("/api/auth/refresh" + query)));
    }

    [Fact]
    public async Task A_prefetch_does_not_count()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(
            9,
            await PollAsync(site, () => browser.GetAsync("/", ("Sec-Purpose", "prefetch")), isAlive: _ => IsAliveAsync(browser))
        );
    }

    [Fact]
    public async Task The_backend_proxy_does_not_count()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(
            9,
            await PollAsync(site, () => browser.GetAsync("/api/backend" + DemoBackendHandler.UserPath), isAlive: _ => IsAliveAsync(browser))
        );
    }

    private static TestSite NewSite() => new TestSite().With("TokenSession:IdleTimeout", "00:10:00");

    /// <summary>Sends a request each minute. Returns after how many minutes the session was alive for the last time.</summary>
    private static async Task<int> PollAsync(
        TestSite site,
        Func<Task<HttpResponseMessage>> send,
        Func<HttpResponseMessage, Task<bool>>? isAlive = null
    )
    {
        for (var minute = 1; minute <= Minutes; minute++)
        {
            site.Time.Advance(TimeSpan.FromMinutes(1));
            var answer = await send();
            if (
                !(
                    isAlive is null
                        ? answer.StatusCode is HttpStatusCode.OK && TestBrowser.SetCookies(answer).All(IsKept)
                        : await isAlive(answer)
                )
            )
            {
                return minute - 1;
            }
        }

        return Minutes;
    }

    private static bool IsKept(Microsoft.Net.Http.Headers.SetCookieHeaderValue cookie) =>
        !cookie.Name.EndsWith("_refresh_token", StringComparison.Ordinal)
        || !(cookie.MaxAge <= TimeSpan.Zero || cookie.Expires <= DateTimeOffset.UnixEpoch);

    /// <summary>Checks with a request that changes nothing: a refresh of a script whose answer is lost.</summary>
    private static async Task<bool> IsAliveAsync(TestBrowser browser)
    {
        var answer = await browser.Copy().RefreshAsync();
        return answer.StatusCode is HttpStatusCode.OK;
    }
}
