using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Endpoints of an owner without authorization metadata, with and without a fallback policy.</summary>
public sealed class OwnEndpointTests
{
    [Fact]
    public async Task Without_metadata_an_endpoint_sees_the_user_and_nothing_is_refreshed_for_it()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        var answer = await browser.GetAsync("/tests/who");

        Assert.Equal(DemoBackend.Email, await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, site.RefreshCalls);
        answer.ShouldSetNoCookies();
    }

    [Fact]
    public async Task Without_metadata_a_backend_call_refreshes_on_demand_and_the_browser_gets_the_cookies()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = await browser.GetAsync("/tests/account");

        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Contains(DemoBackend.Email, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal((1, 1, 1), (site.RefreshCalls, site.UserCalls, site.TicketOf(browser)!.Generation));
        (await browser.GetAsync("/tests/account")).ShouldSetNoCookies();
    }

    [Fact]
    public async Task Without_metadata_a_backend_call_of_a_session_that_has_ended_is_401()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.RevokeEverySession();
        site.ExpireAccessTokens();

        (await browser.GetAsync("/tests/account", ("Accept", "application/json"))).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Empty(browser.Cookies);
        Assert.Equal(0, site.UserCalls);
    }

    [Fact]
    public async Task Without_metadata_a_backend_call_of_a_guest_that_the_backend_refuses_is_401()
    {
        await using var site = NewSite();
        (await site.NewBrowser().GetAsync("/tests/account", ("Accept", "application/json"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await site.NewBrowser().GetAsync("/tests/account", ("Accept", "text/html"))).ShouldRedirectTo(
            "/login?returnTo=%2Ftests%2Faccount"
        );
    }

    [Fact]
    public async Task A_fallback_policy_protects_and_refreshes_what_has_no_metadata()
    {
        await using var site = NewSite().With(RequireSignInEverywhere);
        (await site.NewBrowser().GetAsync("/tests/who", ("Accept", "application/json"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await site.NewBrowser().GetAsync("/tests/who", ("Accept", "text/html"))).ShouldRedirectTo("/login?returnTo=%2Ftests%2Fwho");
        (await site.NewBrowser().GetAsync("/")).ShouldRedirectTo("/login?returnTo=%2F");

        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var answer = await browser.GetAsync("/tests/who");
        Assert.Equal(DemoBackend.Email, await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal((1, 1), (site.RefreshCalls, site.TicketOf(browser)!.Generation));
    }

    [Fact]
    public async Task Behind_a_fallback_policy_an_outage_is_503()
    {
        await using var site = NewSite().With(RequireSignInEverywhere);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        foreach (var accept in new[] { "application/json", "text/html" })
        {
            var answer = await browser.GetAsync("/tests/who", ("Accept", accept));
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task If_a_health_check_throws_the_response_does_not_have_the_message_of_the_exception()
    {
        await using var site = new TestSite().With(services =>
            services
                .AddHealthChecks()
                .AddCheck("database", () => throw new InvalidOperationException("No connection to db.internal."), ["ready"])
        );

        var answer = await site.NewBrowser().GetAsync("/health/ready");

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"database\":{\"status\":\"Unhealthy\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("db.internal", body, StringComparison.Ordinal);
    }

    [Theory]
    [
        InlineData("/login", HttpStatusCode.OK),
        InlineData("/logout", HttpStatusCode.OK),
        InlineData("/error", HttpStatusCode.NotFound),
        InlineData("/health/live", HttpStatusCode.OK),
        InlineData("/health/ready", HttpStatusCode.OK),
        InlineData("/api/auth/logout", HttpStatusCode.Redirect),
        InlineData("/css/site.css", HttpStatusCode.OK),
        InlineData("/js/site.js", HttpStatusCode.OK)
    ]
    public async Task Behind_a_fallback_policy_guests_can_sign_in_and_health_checks_work(string path, HttpStatusCode status)
    {
        await using var site = NewSite().With(RequireSignInEverywhere);
        (await site.NewBrowser().GetAsync(path)).ShouldBe(status);
    }

    [Fact]
    public async Task Behind_a_fallback_policy_files_cost_no_refresh_and_stay_in_caches()
    {
        await using var site = NewSite().With(RequireSignInEverywhere);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var answer = await browser.GetAsync("/css/site.css");
        answer.ShouldBe(HttpStatusCode.OK);
        Assert.NotEqual(true, answer.Headers.CacheControl?.NoStore);
        answer.ShouldSetNoCookies();
        Assert.Equal(0, site.RefreshCalls);
    }

    [Fact]
    public async Task Behind_a_fallback_policy_a_sign_in_by_form_and_one_by_script_work()
    {
        await using var site = NewSite().With(RequireSignInEverywhere);
        var browser = site.NewBrowser();
        (
            await browser.FillInAsync("/login?returnTo=%2Ftests%2Fwho", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))
        ).ShouldRedirectTo("/tests/who");
        (await browser.GetAsync("/tests/who")).ShouldBe(HttpStatusCode.OK);
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    private static void RequireSignInEverywhere(IServiceCollection services) =>
        services.Configure<AuthorizationOptions>(options => options.FallbackPolicy = options.DefaultPolicy);

    private static TestSite NewSite() =>
        new TestSite().WithEndpoints(endpoints =>
        {
            endpoints.MapGet("/tests/who", (ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "a guest");
            endpoints.MapGet("/tests/account", (IBackendApi api) => api.GetMeAsync());
        });
}
