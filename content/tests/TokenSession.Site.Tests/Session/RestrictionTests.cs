using System.Net;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

public sealed class RestrictionTests
{
    [Theory]
    [
        InlineData("/app", "/login"),
        InlineData("/app?x=1&y=%2F", "/login?returnTo=%2Fapp%3Fx%3D1%26y%3D%252F"),
        InlineData("/App?a", "/login?returnTo=%2FApp%3Fa")
    ]
    public async Task Guests_are_redirected_to_the_login_page_with_the_requested_page(string path, string location)
    {
        await using var site = new TestSite();
        (await site.NewBrowser().GetAsync(path)).ShouldRedirectTo(location);
    }

    [Fact]
    public async Task A_script_of_a_guest_gets_401_that_it_can_read()
    {
        await using var site = new TestSite();
        var answer = await site.NewBrowser().GetAsync("/app", ("Sec-Fetch-Mode", "cors"));
        answer.ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        (await site.NewBrowser().GetAsync("/app", ("Sec-Fetch-Mode", "navigate"))).ShouldBe(HttpStatusCode.Redirect);
    }

    [Theory]
    [
        InlineData("/login", "/app"),
        InlineData("/login?returnTo=%2Fapp%3Ftab%3D2", "/app?tab=2"),
        InlineData("/login?returnTo=%2F%2Fevil.example", "/app")
    ]
    public async Task Signed_in_users_do_not_see_the_login_page(string path, string location)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync(path)).ShouldRedirectTo(location);
    }

    [Theory]
    [InlineData("/app"), InlineData("/login")]
    public async Task A_form_that_was_sent_too_late_leads_to_the_next_page_and_not_to_an_error(string path)
    {
        await using var site = new TestSite();
        var browser = path is "/app" ? site.NewBrowser() : await site.NewSignedInBrowserAsync();
        var form = new FormUrlEncodedContent([new("Email", "demo@example.com"), new("Password", "demo")]);
        var answer = await browser.SendAsync(new(HttpMethod.Post, path) { Content = form });
        answer.ShouldRedirectTo(path is "/app" ? "/login?formNotSent=true" : "/app");
    }

    [Fact]
    public async Task A_custom_restriction_decides_by_the_session()
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options =>
                options.Conventions.Restrict("/Index", session => session.IsSignedIn ? "/app" : null)
            )
        );
        (await site.NewBrowser().GetAsync("/")).ShouldBe(HttpStatusCode.OK);
        (await (await site.NewSignedInBrowserAsync()).GetAsync("/")).ShouldRedirectTo("/app");
    }

    [Fact]
    public async Task A_rule_for_the_whole_site_exempts_the_pages_for_everyone()
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options =>
                options.Conventions.Restrict("/", session => session.IsSignedIn ? null : "/login")
            )
        );
        (await site.NewBrowser().GetAsync("/")).ShouldRedirectTo("/login");
        (await site.NewBrowser().GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
        (await site.NewBrowser().GetAsync("/nowhere")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_custom_restriction_can_read_the_claims_of_the_access_token()
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options =>
                options.Conventions.Restrict("/App", session => session.Claims.Text("role") is "admin" ? null : "/")
            )
        );
        site.Backend.AddUser("member@example.com", "secret");
        (await (await site.NewSignedInBrowserAsync()).GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await (await site.NewSignedInBrowserAsync("member@example.com", "secret")).GetAsync("/app")).ShouldRedirectTo("/");
    }

    [Theory]
    [InlineData("App"), InlineData("~/App"), InlineData("")]
    public async Task A_path_that_would_restrict_nothing_stops_the_start(string path)
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options => options.Conventions.RequireSession(path))
        );
        await Assert.ThrowsAnyAsync<ArgumentException>(() => site.NewBrowser().GetAsync("/"));
    }

    [Fact]
    public async Task A_site_can_be_private_as_a_whole()
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options => options.Conventions.RequireSession("/"))
        );
        (await site.NewBrowser().GetAsync("/")).ShouldRedirectTo("/login?returnTo=%2F");
        (await site.NewBrowser().GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
        (await site.NewBrowser().GetAsync("/nowhere")).ShouldBe(HttpStatusCode.NotFound);
        (await (await site.NewSignedInBrowserAsync()).GetAsync("/")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task While_the_session_is_unknown_a_script_gets_503_that_it_can_read()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        var answer = await browser.GetAsync("/app", ("Sec-Fetch-Mode", "cors"));
        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(answer.Headers.RetryAfter);
    }
}
