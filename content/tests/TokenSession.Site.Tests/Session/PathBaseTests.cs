using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A site below a path: by <c>UsePathBase</c>, or behind a proxy that strips a prefix and names it in <c>X-Forwarded-Prefix</c>.
/// </summary>
public sealed partial class PathBaseTests
{
    private static readonly (string, string)[] Right = [("Email", DemoBackend.Email), ("Password", DemoBackend.Password)];

    public static TheoryData<bool> BehindAProxy => [false, true];

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task A_guest_goes_to_the_login_page_and_back_below_the_path(bool proxy)
    {
        await using var site = NewSite(proxy);
        var browser = site.NewBrowser();
        (await browser.GetAsync("/base/app")).ShouldRedirectTo("/base/login");
        (await browser.GetAsync("/base/app?tab=2")).ShouldRedirectTo("/base/login?returnTo=%2Fbase%2Fapp%3Ftab%3D2");
        (await browser.FillInAsync("/base/login?returnTo=%2Fbase%2Fapp%3Ftab%3D2", Right)).ShouldRedirectTo("/base/app?tab=2");
        (await browser.GetAsync("/base/app?tab=2")).ShouldBe(HttpStatusCode.OK);
        Assert.Contains("data-base-path=\"/base/api/auth\"", await HtmlAsync(browser, "/base/"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task Without_another_destination_users_go_to_the_home_page_below_the_path(bool proxy)
    {
        await using var site = NewSite(proxy);
        var browser = site.NewBrowser();
        (await browser.FillInAsync("/base/login", Right)).ShouldRedirectTo("/base/app");
        (await browser.GetAsync("/base/login")).ShouldRedirectTo("/base/app");
        (await browser.GetAsync("/base/login?returnTo=%2Fbase%2F")).ShouldRedirectTo("/base/");
        (await browser.GetAsync("/base/login?returnTo=%2F%2Fevil.example")).ShouldRedirectTo("/base/app");
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task A_custom_return_path_is_below_the_path(bool proxy)
    {
        await using var site = NewSite(proxy).With("TokenSession:DefaultReturnPath", "/shop");
        (await site.NewBrowser().FillInAsync("/base/login", Right)).ShouldRedirectTo("/base/shop");
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task Signing_out_stays_below_the_path(bool proxy)
    {
        await using var site = NewSite(proxy);
        var browser = site.NewBrowser();
        await browser.FillInAsync("/base/login", Right);
        (await browser.GetAsync("/base/api/auth/logout")).ShouldRedirectTo("/base/logout");
        (await browser.FillInAsync("/base/logout")).ShouldRedirectTo("/base/");
        Assert.Null(browser.Ticket);
        (await browser.PostAsync("/base/logout")).ShouldRedirectTo("/base/");
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task A_late_form_and_a_custom_rule_stay_below_the_path(bool proxy)
    {
        await using var site = NewSite(proxy)
            .With(services =>
                services.Configure<RazorPagesOptions>(options =>
                    options.Conventions.Restrict("/Index", session => session.IsSignedIn ? null : "/logout")
                )
            );
        var guest = site.NewBrowser();
        (await guest.PostAsync("/base/app?tab=2", null, ("Accept", "text/html"))).ShouldRedirectTo(
            "/base/login?returnTo=%2Fbase%2Fapp%3Ftab%3D2&formNotSent=true"
        );
        (await guest.GetAsync("/base/")).ShouldRedirectTo("/base/logout");
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task After_an_outage_the_user_tries_again_below_the_path(bool proxy)
    {
        await using var site = NewSite(proxy);
        var browser = site.NewBrowser();
        await browser.FillInAsync("/base/login", Right);
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        var page = await browser.GetAsync("/base/app?tab=2");

        page.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("href=\"/base/app?tab=2\"", html, StringComparison.Ordinal);
        Assert.NotEmpty(Links().Matches(html));
        Assert.All(Links().Matches(html), link => Assert.StartsWith("/base", link.Groups[1].Value, StringComparison.Ordinal));
        Assert.DoesNotContain("error", string.Concat(Links().Matches(html)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task The_cookies_are_those_of_the_whole_host_at_every_path(bool proxy)
    {
        await using var site = NewSite(proxy);
        var browser = site.NewBrowser();
        var answer = await browser.FillInAsync("/base/login", Right);
        Assert.Equal(4, TestBrowser.SetCookies(answer).Count);
        Assert.All(TestBrowser.SetCookies(answer), cookie => Assert.Equal("/", cookie.Path.ToString()));
    }

    [Theory, MemberData(nameof(BehindAProxy))]
    public async Task The_modules_are_below_the_path_as_the_browser_wrote_it(bool proxy)
    {
        await using var site = NewSite(proxy);
        foreach (var path in proxy ? new[] { "/base" } : ["/BASE", "/base"])
        {
            var html = await HtmlAsync(site.NewBrowser(), $"{path}/");
            Assert.Contains($"\"imports\":{{\"{path}/js/token-session.js\":\"{path}/js/token-session.", html, StringComparison.Ordinal);
            Assert.Contains($"<link rel=\"modulepreload\" href=\"{path}/js/token-session.", html, StringComparison.Ordinal);
        }
    }

    private static async Task<string> HtmlAsync(TestBrowser browser, string path) =>
        await (await browser.GetAsync(path)).Content.ReadAsStringAsync();

    private static TestSite NewSite(bool proxy) =>
        proxy
            ? new TestSite()
                .With(services =>
                    services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedPrefix)
                )
                .Behind(app => StripPrefix(app).UseForwardedHeaders())
            : new TestSite().Behind(app => app.UsePathBase("/base"));

    /// <summary>Does the same as nginx or Traefik.</summary>
    private static IApplicationBuilder StripPrefix(IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                Assert.True(context.Request.Path.StartsWithSegments("/base", out var rest), context.Request.Path);
                context.Request.Path = rest.HasValue ? rest : "/";
                context.Request.Headers["X-Forwarded-Prefix"] = "/base";
                return next(context);
            }
        );

    [GeneratedRegex("(?:href|src|action)=\"(/[^\"]*)\"")]
    private static partial Regex Links();
}
