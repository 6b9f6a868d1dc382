using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Template.Tests.Directus;
using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>OpenIddict signs in on its own page. The recipe of its token endpoint is applied first.</summary>
[Collection(typeof(UndisturbedCollection))]
public sealed partial class OpenIdConnectRecipeTests(OpenIdConnectRecipeTests.Site site, Chromium chromium)
    : RecipeTests(site),
        IClassFixture<OpenIdConnectRecipeTests.Site>,
        IClassFixture<Chromium>
{
    /// <summary>A browser checks where a form may be redirected, and which cookies it sends after a redirect from another site.</summary>
    [Fact]
    public async Task In_a_browser_the_sign_in_leads_to_the_page_and_the_sign_out_ends_the_session_of_the_provider()
    {
        await using var context = await chromium.NewContextAsync(site.Running.BaseAddress);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/app");
        await page.Locator("main a.button").ClickAsync();
        await page.Locator("[name=email]").FillAsync(RealBackend.Email);
        await page.Locator("[name=password]").FillAsync(RealBackend.Password);
        await page.Locator("[name=password]").PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync($"{site.Running.BaseAddress}app");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(RealBackend.Email);

        // The provider has its own session, so it does not ask for the password again.
        await context.ClearCookiesAsync(new() { NameRegex = new Regex($"^{Site.CookieNames}") });
        await page.GotoAsync("/login");
        await page.Locator("main a.button").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync($"{site.Running.BaseAddress}app");

        await page.GotoAsync("/logout");
        await page.Locator("main form button").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(site.Running.BaseAddress.ToString());
        await page.GotoAsync("/login");
        await page.Locator("main a.button").ClickAsync();

        await page.Locator("[name=email]").WaitForAsync();
        Assert.StartsWith($"{site.Backend.Url}connect/authorize", page.Url);
    }

    [Fact]
    public async Task A_user_who_cancels_at_the_provider_returns_to_the_login_page()
    {
        var browser = site.NewBrowser();
        var challenge = new Uri((await browser.GetAsync("/login?handler=Provider")).Location!);
        var state = Regex.Match(challenge.Query, "[?&](state=[^&]+)").Groups[1].Value;

        var answer = await browser.GetAsync($"/signin-oidc?error=access_denied&{state}");

        Assert.StartsWith($"{site.Running.BaseAddress}login", answer.Location);
    }

    public sealed partial class Site(TemplatePackage package) : RecipeSite(package, "OpenIddict", "Sign-in by OpenID Connect")
    {
        public const string CookieNames = CookiePrefix;

        private readonly int port = FreePort.Next();

        /// <summary>The recipe also changes pages.</summary>
        public override IReadOnlyList<string> TestFilter =>
            [
                .. base.TestFilter,
                .. GeneratedSite.Filter("--filter-class", "*.SignInFormTests", "*.SecondFactorTests", "*.SessionEndTests", "*.CookieTests"),
            ];

        public override string RefreshPath => "/connect/token";

        public override (string Path, int Status) Revocation => ("/connect/revocation", 200);

        protected override IReadOnlyDictionary<string, string?> Settings =>
            new Dictionary<string, string?>
            {
                ["Backend__ClientId"] = "site",
                ["Backend__ClientSecret"] = "site-secret",
                ["ASPNETCORE_URLS"] = Address,
            };

        private string Address => $"http://127.0.0.1:{port}";

        /// <summary>Follows the link of the login page to the provider and back. The provider also reads the fields of its form from the
        /// query.</summary>
        public override async Task<SiteClient> SignInAsync(string email)
        {
            var browser = NewBrowser();
            var login = await browser.GetAsync("/login?returnTo=%2Fapp");
            var link = WebUtility.HtmlDecode(ProviderLink().Match(login.Body).Groups[1].Value);
            var challenge = (await browser.GetAsync(link)).Location;
            using var provider = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            using var answer = await provider.GetAsync(
                new Uri($"{challenge}&email={Uri.EscapeDataString(email)}&password={Uri.EscapeDataString(RealBackend.Password)}")
            );
            Assert.True(answer.Headers.Location is not null, await answer.Content.ReadAsStringAsync());
            var signedIn = await browser.GetAsync(answer.Headers.Location.PathAndQuery);
            Assert.True(signedIn.Location is "/app", $"{email} could not sign in: {signedIn}\n{Running.Output}");
            return browser;
        }

        protected override async Task<RealBackend> StartBackendAsync() =>
            await BackendProcess.StartAsync(
                "openiddict",
                "--access-token-lifetime",
                "00:00:05",
                "--reuse-leeway",
                "00:00:03",
                "--redirect-uri",
                $"{Address}/signin-oidc"
            );

        [GeneratedRegex("""class="button" href="([^"]+)""")]
        private static partial Regex ProviderLink();
    }
}
