using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusBrowserTests(DirectusSite site, Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private IBrowserContext? context;
    private DirectusUser? user;

    private IBrowserContext Context => context!;

    private DirectusUser User => user!;

    public async ValueTask InitializeAsync()
    {
        user = await site.Directus.Api.CreateUserAsync();
        context = await chromium.NewContextAsync(site.BaseAddress);
    }

    public async ValueTask DisposeAsync() => await Context.DisposeAsync();

    [Fact]
    public async Task Signing_in_leads_to_a_page_that_shows_the_e_mail()
    {
        var page = await SignedInAsync();

        await page.GotoAsync("/app");

        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(User.Email);
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_keeps_the_e_mail()
    {
        var page = await Context.NewPageAsync();

        await SubmitLoginAsync(page, "not the password");

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("[name=Email]")).ToHaveValueAsync(User.Email);
    }

    [Fact]
    public async Task An_open_page_keeps_its_session_fresh_beyond_several_expiries()
    {
        var page = await SignedInAsync();
        await page.GotoAsync("/app");

        // Without a user action, the module in the page refreshes the session.
        for (var expiry = 0; expiry < 3; expiry++)
            await SeeNewTokenAsync();

        Assert.Single(await site.Directus.RefreshTokensOfAsync(User));
    }

    [Fact]
    public async Task Two_tabs_of_one_browser_share_one_session()
    {
        var first = await SignedInAsync();
        await first.GotoAsync("/app");
        var second = await Context.NewPageAsync();
        await second.GotoAsync("/app");
        await SeeNewTokenAsync();
        await SeeNewTokenAsync();

        await Task.WhenAll(first.ReloadAsync(), second.ReloadAsync());

        await Assertions.Expect(first.Locator("main")).ToContainTextAsync(User.Email);
        await Assertions.Expect(second.Locator("main")).ToContainTextAsync(User.Email);
        Assert.Single(await site.Directus.RefreshTokensOfAsync(User));
    }

    [Fact]
    public async Task Signing_out_revokes_the_session_and_closes_the_app_page()
    {
        var page = await SignedInAsync();
        await page.GotoAsync("/logout");

        await page.Locator("main form button").ClickAsync();
        await Assertions.Expect(page).Not.ToHaveURLAsync(new Regex("/logout"));

        Assert.Empty(await site.Directus.RefreshTokensOfAsync(User));
        Assert.Null(await CookieAsync("refresh_token"));
        await page.GotoAsync("/app");
        Assert.Contains("/login", page.Url, StringComparison.Ordinal);
    }

    private async Task<IPage> SignedInAsync()
    {
        var page = await Context.NewPageAsync();
        await SubmitLoginAsync(page, User.Password);
        await Assertions.Expect(page).Not.ToHaveURLAsync(new Regex("/login"));
        return page;
    }

    private async Task SubmitLoginAsync(IPage page, string password)
    {
        await page.GotoAsync("/login");
        await page.Locator("[name=Email]").FillAsync(User.Email);
        await page.Locator("[name=Password]").FillAsync(password);
        await page.Locator("[name=Password]").PressAsync("Enter");
    }

    private async Task SeeNewTokenAsync()
    {
        var before = await CookieAsync("token");
        await Eventually.TrueAsync(
            async () => await CookieAsync("token") is { } now && now != before,
            "the browser gets a new access token"
        );
    }

    private async Task<string?> CookieAsync(string name) =>
        (await Context.CookiesAsync()).FirstOrDefault(cookie => cookie.Name == $"{DirectusSite.CookiePrefix}_{name}")?.Value;
}
