using System.Net;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Tests pages that a browser requests without a user action, forms that are sent too late, and the sign-in form.</summary>
public sealed class SignInFormTests
{
    [Theory]
    [InlineData("prefetch;prerender"), InlineData("prefetch"), InlineData("Prefetch;anonymous-client-ip")]
    public async Task A_prefetch_of_a_public_page_refreshes_nothing_and_shows_no_outage(string purpose)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = await browser.GetAsync("/", ("Sec-Purpose", purpose), ("Accept", "text/html"));

        answer.ShouldBe(HttpStatusCode.OK);
        answer.ShouldSetNoCookies();
        Assert.Equal(0, site.RefreshCalls);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("data-state=\"signed-in\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("backend cannot be reached", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prefetch_of_a_page_that_needs_the_backend_refreshes_nothing_either()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = await browser.GetAsync("/app", ("Sec-Purpose", "prefetch"), ("Accept", "text/html"));

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.ShouldSetNoCookies();
        Assert.Equal(0, site.RefreshCalls);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [
        InlineData("/app", "/login?formNotSent=true"),
        InlineData("/app?tab=2", "/login?returnTo=%2Fapp%3Ftab%3D2&formNotSent=true"),
        InlineData("/", "/login?returnTo=%2F&formNotSent=true")
    ]
    public async Task A_form_that_was_sent_after_the_end_of_the_session_leads_to_the_login_page_which_says_so(string path, string location)
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options => options.Conventions.AuthorizePage("/Index"))
        );
        var browser = await site.NewSignedInBrowserAsync();
        var field = await browser.OpenFormAsync("/logout");
        site.Backend.RevokeEverySession();
        site.ExpireAccessTokens();

        var form = new FormUrlEncodedContent([new("__RequestVerificationToken", field), new("Comment", "long")]);
        var answer = await browser.SendAsync(new(HttpMethod.Post, path) { Content = form }, [("Accept", "text/html")]);

        answer.ShouldRedirectTo(location);
        var login = await browser.GetAsync(location, ("Accept", "text/html"));
        login.ShouldBe(HttpStatusCode.OK);
        Assert.Contains("your form was not sent", await login.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "your form was not sent",
            await (await browser.GetAsync("/login")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        (await browser.FillInAsync(location, ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldRedirectTo(path);
    }

    [Theory]
    [InlineData("/app"), InlineData("/")]
    public async Task A_script_that_posts_after_the_end_of_the_session_gets_401(string path)
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options => options.Conventions.AuthorizePage("/Index"))
        );
        var answer = await site.NewBrowser().PostAsync(path, new { comment = "long" }, ("Accept", "application/json"));
        answer.ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_sign_in_by_form_logs_nothing_about_size_limits(bool isOnARealPort)
    {
        await using var site = new TestSite();
        var browser = isOnARealPort ? site.OnARealPort().NewBrowserOnItsPort() : site.NewBrowser();

        (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldRedirectTo("/app");
        (await browser.FillInAsync("/logout")).ShouldRedirectTo("/");

        Assert.DoesNotContain(
            site.Log.Entries,
            entry => entry.Message.Contains("size limit could not be applied", StringComparison.Ordinal)
        );
    }
}
