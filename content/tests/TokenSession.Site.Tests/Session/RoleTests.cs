using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Roles and policies: what the claims of the access token allow, and the response if they do not allow it.</summary>
public sealed class RoleTests
{
    private const string Member = "member@example.com";

    public static TheoryData<string> ForAdministrators =>
        ["/", "/api/by-attribute", "/api/by-policy", "/api/by-policy-object", "/api/by-requirement", "/api/by-itself"];

    [Theory, MemberData(nameof(ForAdministrators))]
    public async Task An_administrator_is_let_in_also_after_a_refresh(string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync(path)).ShouldBe(HttpStatusCode.OK);

        site.ExpireAccessTokens();
        (await browser.GetAsync(path)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, site.RefreshCalls);
    }

    [Theory, MemberData(nameof(ForAdministrators))]
    public async Task A_member_gets_403_from_the_error_page_and_stays_signed_in(string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync(Member);
        foreach (var isExpired in new[] { false, true })
        {
            if (isExpired)
            {
                site.ExpireAccessTokens();
            }

            var page = await browser.GetAsync(path, ("Accept", "text/html"));
            page.ShouldBe(HttpStatusCode.Forbidden);
            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            var html = await page.Content.ReadAsStringAsync();
            Assert.Contains("<h1>Not allowed</h1>", html, StringComparison.Ordinal);
            Assert.Contains("data-state=\"signed-in\"", html, StringComparison.Ordinal);
        }

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory, MemberData(nameof(ForAdministrators))]
    public async Task A_script_of_a_member_gets_403_that_it_can_read(string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync(Member);
        var answer = await browser.GetAsync(path, ("Accept", "application/json"));
        answer.ShouldBe(HttpStatusCode.Forbidden);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"status\":403", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(ForAdministrators))]
    public async Task A_guest_is_asked_to_sign_in_and_not_refused(string path)
    {
        await using var site = NewSite();
        var answer = await site.NewBrowser().GetAsync(path, ("Accept", "text/html"));
        answer.ShouldRedirectTo("/login?returnTo=" + Uri.EscapeDataString(path));
    }

    [Theory, MemberData(nameof(ForAdministrators))]
    public async Task While_the_session_is_unknown_a_role_is_unknown_too(string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        var answer = await browser.GetAsync(path, ("Accept", "application/json"));
        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task The_role_of_a_user_is_that_of_the_newest_access_token()
    {
        await using var site = new TestSite()
            .With(services =>
                IssuingBackend.Register(
                    services,
                    UnsignedJwt.Of("""{"sub":"1","role":"member"}"""),
                    UnsignedJwt.Of("""{"sub":"1","role":"admin"}""")
                )
            )
            .WithEndpoints(endpoints =>
                endpoints.MapGet("/tests/role", (ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.Role)).RequireAuthorization()
            );
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal("member", await (await browser.GetAsync("/tests/role")).Content.ReadAsStringAsync());

        site.ExpireAccessTokens();
        Assert.Equal("admin", await (await browser.GetAsync("/tests/role")).Content.ReadAsStringAsync());
        Assert.Equal("admin", await (await browser.GetAsync("/tests/role")).Content.ReadAsStringAsync());
    }

    private static TestSite NewSite()
    {
        var site = new TestSite()
            .With(services =>
            {
                services.AddAuthorizationBuilder().AddPolicy("administrators", policy => policy.RequireRole("admin"));
                services.Configure<RazorPagesOptions>(options => options.Conventions.AuthorizePage("/Index", "administrators"));
            })
            .WithEndpoints(endpoints =>
            {
                endpoints.MapGet("/api/by-attribute", [Authorize(Roles = "admin")] () => "secret");
                endpoints.MapGet("/api/by-policy", () => "secret").RequireAuthorization("administrators");
                endpoints
                    .MapGet("/api/by-policy-object", () => "secret")
                    .RequireAuthorization(new AuthorizationPolicyBuilder().RequireRole("admin").Build());
                endpoints.MapGet("/api/by-requirement", [AdministratorsOnly] () => "secret");
                endpoints
                    .MapGet("/api/by-itself", (ClaimsPrincipal user) => user.IsInRole("admin") ? Results.Ok("secret") : Results.Forbid())
                    .RequireAuthorization();
            });
        site.Backend.AddUser(Member, DemoBackend.Password);
        return site;
    }

    /// <summary>A requirement that is an attribute but does not implement <see cref="IAuthorizeData"/>.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class AdministratorsOnlyAttribute : Attribute, IAuthorizationRequirementData
    {
        public IEnumerable<IAuthorizationRequirement> GetRequirements() => [new RolesAuthorizationRequirement(["admin"])];
    }
}
