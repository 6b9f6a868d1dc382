using System.Net;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The addresses of the pages come from the pages themselves and not from settings.</summary>
public sealed class PageAddressTests
{
    private static readonly (string, string)[] Right = [("Email", DemoBackend.Email), ("Password", DemoBackend.Password)];

    [Fact]
    public async Task Pages_at_other_addresses_are_found_there()
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options =>
            {
                Move(options, "/Login", "signin");
                Move(options, "/App/Index", "home");
                Move(options, "/Logout", "bye");
            })
        );
        var browser = site.NewBrowser();
        (await browser.GetAsync("/home")).ShouldRedirectTo("/signin");
        (await browser.GetAsync("/home?tab=2")).ShouldRedirectTo("/signin?returnTo=%2Fhome%3Ftab%3D2");
        (await browser.GetAsync("/login")).ShouldBe(HttpStatusCode.NotFound);
        (await browser.GetAsync("/api/auth/logout")).ShouldRedirectTo("/bye");

        (await browser.FillInAsync("/signin", Right)).ShouldRedirectTo("/home");
        (await browser.GetAsync("/signin")).ShouldRedirectTo("/home");
        (await browser.GetAsync("/home")).ShouldBe(HttpStatusCode.OK);
        (await browser.FillInAsync("/bye")).ShouldRedirectTo("/");
    }

    [Fact]
    public async Task A_second_address_of_a_page_is_the_one_that_is_written()
    {
        await using var site = new TestSite().With(services =>
            services.Configure<RazorPagesOptions>(options =>
                options.Conventions.AddPageRoute("/Login", "signin").AddPageRoute("/App/Index", "home")
            )
        );
        (await site.NewBrowser().GetAsync("/app")).ShouldRedirectTo("/signin?returnTo=%2Fapp");
        (await site.NewBrowser().GetAsync("/home")).ShouldRedirectTo("/signin");
        (await site.NewBrowser().FillInAsync("/login", Right)).ShouldRedirectTo("/home");
    }

    [Fact]
    public async Task Other_pages_can_be_named()
    {
        await using var site = new TestSite()
            .With("TokenSession:LoginPage", "/Logout")
            .With("TokenSession:LogoutPage", "/Login")
            .With("TokenSession:HomePage", "/Index");
        (await site.NewBrowser().GetAsync("/app")).ShouldRedirectTo("/logout?returnTo=%2Fapp");
        (await site.NewBrowser().GetAsync("/api/auth/logout")).ShouldRedirectTo("/login");
        (await site.NewBrowser().FillInAsync("/login", Right)).ShouldRedirectTo("/");
    }

    [Fact]
    public async Task A_page_that_does_not_exist_is_named_with_the_setting()
    {
        await using var site = TestSite.InProduction().With("TokenSession:LoginPage", "/SignIn");
        (await site.NewBrowser().GetAsync("/app")).ShouldBe(HttpStatusCode.InternalServerError);
        Assert.Contains(
            site.Log.Entries,
            entry =>
                entry.Level is LogLevel.Error
                && entry.Exception?.Message is { } message
                && message.Contains("/SignIn", StringComparison.Ordinal)
                && message.Contains("TokenSession:LoginPage", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_path_that_is_no_page_can_be_the_destination_after_sign_in()
    {
        await using var site = new TestSite().With("TokenSession:DefaultReturnPath", "/shop/new");
        var browser = site.NewBrowser();
        (await browser.GetAsync("/app")).ShouldRedirectTo("/login?returnTo=%2Fapp");
        (await browser.FillInAsync("/login", Right)).ShouldRedirectTo("/shop/new");
        (await browser.GetAsync("/login")).ShouldRedirectTo("/shop/new");
        (await site.NewBrowser().FillInAsync("/login?returnTo=%2Fapp", Right)).ShouldRedirectTo("/app");
    }

    private static void Move(RazorPagesOptions options, string page, string template) =>
        options.Conventions.AddPageRouteModelConvention(
            page,
            model => Assert.Single(model.Selectors).AttributeRouteModel!.Template = template
        );
}
