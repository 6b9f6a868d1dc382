using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The method of the framework that reads the tokens: <c>HttpContext.GetTokenAsync</c>.</summary>
public sealed class GetTokenTests
{
    [Fact]
    public async Task It_returns_the_tokens_of_the_cookie()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(Expected(site, browser), await TokensAsync(browser, "/tokens"));
    }

    [Fact]
    public async Task After_a_refresh_by_the_same_request_it_returns_the_new_ones()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var before = browser.AccessToken;
        site.ExpireAccessTokens();

        var tokens = await TokensAsync(browser, "/tokens");

        Assert.Equal(1, site.RefreshCalls);
        Assert.NotEqual(before, browser.AccessToken);
        Assert.Equal(Expected(site, browser), tokens);
        Assert.Equal(Expected(site, browser), await TokensAsync(browser, "/tokens"));
    }

    [Fact]
    public async Task With_an_older_cookie_it_returns_the_newest_ones()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var older = browser.Copy();
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        Assert.Equal(Expected(site, browser), await TokensAsync(older, "/tokens"));
    }

    [Fact]
    public async Task After_a_backend_call_that_renewed_the_token_it_returns_the_new_one()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.InvalidateAccessTokens();

        var tokens = await TokensAsync(browser, "/tokens?call=true");

        Assert.Equal(1, site.RefreshCalls);
        Assert.Equal(Expected(site, browser), tokens);
    }

    [Fact]
    public async Task A_guest_has_none()
    {
        await using var site = NewSite();
        Assert.Equal("||", await TokensAsync(site.NewBrowser(), "/tokens"));
    }

    private static string Expected(TestSite site, TestBrowser browser)
    {
        var tokens = site.TicketOf(browser)!.Tokens;
        Assert.Equal(tokens.AccessToken, browser.AccessToken);
        return $"{tokens.AccessToken}|{tokens.RefreshToken}|{tokens.ExpiresAt:O}";
    }

    private static async Task<string> TokensAsync(TestBrowser browser, string path)
    {
        var answer = await browser.GetAsync(path);
        answer.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadAsStringAsync();
    }

    private static TestSite NewSite() =>
        new TestSite().WithEndpoints(endpoints =>
            endpoints.MapGet(
                "/tokens",
                [SessionEndpoint]
                async (HttpContext context, IBackendApi api, bool call = false) =>
                {
                    if (call)
                    {
                        await api.GetMeAsync();
                    }

                    var tokens = new List<string?>();
                    foreach (var name in new[] { "access_token", "refresh_token", "expires_at" })
                    {
                        tokens.Add(await context.GetTokenAsync(name));
                    }

                    return string.Join('|', tokens);
                }
            )
        );
}
