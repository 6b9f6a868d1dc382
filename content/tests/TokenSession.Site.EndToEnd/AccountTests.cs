using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>What the account page and the header show about the session, and the demo account on the login page.</summary>
public sealed class AccountTests(BrowserFixture browser)
{
    [Theory, InlineData(true), InlineData(false)]
    public Task It_says_who_is_signed_in_since_when_and_until_when(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();

                await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
                var times = app.Tab.GetByRole(AriaRole.Main).GetByRole(AriaRole.Time);
                var days = new[] { visit.Site.Clock.GetUtcNow(), visit.Site.Clock.GetUtcNow() + visit.Site.Options.IdleTimeout };
                await Expect(times).ToContainTextAsync([$"{days[0]:MMM yyyy}", $"{days[1]:MMM yyyy}"]);

                // A script knows the time zone of the user.
                await Expect(times.Filter(new() { HasText = "UTC" })).ToHaveCountAsync(withScripts ? 0 : 2);
            },
            withScripts
        );

    [Fact]
    public Task The_header_says_who_is_signed_in_and_leads_to_the_account() =>
        browser.VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;
            await tab.GotoAsync("/");

            var account = new SiteHeader(tab).Account;
            await Expect(account).ToContainTextAsync(DemoBackend.Email);
            await account.ClickAsync();

            await Expect(new AppPage(tab).Email).ToHaveTextAsync(DemoBackend.Email);
            await Expect(account).ToHaveAttributeAsync("aria-current", "page");
        });

    [Fact]
    public Task The_login_page_fills_in_the_demo_account() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

            await FillIn(login).ClickAsync();
            await AppearanceTests.JudgeThisAsync(login.Tab, "login-filled-in");
            await login.Submit.ClickAsync();

            await Expect(new AppPage(login.Tab).Email).ToHaveTextAsync(DemoBackend.Email);
        });

    [Fact]
    public Task Without_scripts_the_login_page_names_the_demo_account_and_has_no_button_for_it() =>
        browser.VisitAsync(
            async visit =>
            {
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

                await Expect(login.Tab.GetByText(DemoBackend.Email)).ToBeVisibleAsync();
                await Expect(FillIn(login)).ToHaveCountAsync(0);
            },
            withScripts: false
        );

    [Fact]
    public async Task With_another_backend_the_login_page_names_no_account()
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
                await Expect(login.Tab.GetByText(DemoBackend.Email)).ToHaveCountAsync(0);
            }
        );
    }

    private static ILocator FillIn(LoginPage login) => login.Tab.GetByRole(AriaRole.Button, new() { Name = "Fill in" });
}
