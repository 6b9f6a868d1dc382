using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Account;

/// <summary>The account pages in a browser: each task from start to end, with and without scripts, with the keyboard, and as
/// pictures.</summary>
public sealed class AccountPagesTests(BrowserFixture browser)
{
    private const string NewPassword = "another-password";

    public static TheoryData<ColorScheme, int> Looks { get; } = AppearanceTests.Looks;

    /// <summary>Like in Production, the site needs an address for the links in mails.</summary>
    [ModuleInitializer]
    internal static void SetSiteUrl() => Environment.SetEnvironmentVariable("Account__SiteUrl", "https://site.test");

    [Theory, InlineData(true), InlineData(false)]
    public Task From_a_forgotten_password_to_signed_in(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                var login = await new LoginPage(tab).OpenAsync();
                await tab.GetByRole(AriaRole.Link, new() { Name = "Forgot your password?" }).ClickAsync();
                await tab.GetByLabel("E-mail").FillAsync(DemoBackend.Email);
                await AskForMailAsync(tab, "Send the link");

                await tab.GotoAsync("/dev/mail");
                await tab.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).ClickAsync();
                await Expect(tab).ToHaveURLAsync(new Regex("/reset-password$"));
                await tab.GetByLabel("New password", new() { Exact = true }).FillAsync(NewPassword);
                await Button(tab, "Change the password").ClickAsync();

                await Expect(login.Notice).ToHaveTextAsync("Your password is changed. Sign in.");
                await Expect(login.Email).ToHaveValueAsync(DemoBackend.Email);
                await login.Password.FillAsync(NewPassword);
                await login.Submit.ClickAsync();
                await Expect(new AppPage(tab).Email).ToHaveTextAsync(DemoBackend.Email);
            },
            withScripts
        );

    [Fact]
    public Task The_token_of_a_link_is_in_no_history_and_no_referrer() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await visit.NewTabAsync();
            var link = Invite(visit);
            var referrers = new List<string>();
            tab.Request += (_, request) =>
            {
                if (!request.Url.Contains("token=", StringComparison.Ordinal))
                {
                    referrers.Add(request.Headers.GetValueOrDefault("referer", ""));
                }
            };
            await tab.GotoAsync("/dev/mail");

            await tab.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).ClickAsync();
            await Expect(tab.GetByLabel("Password", new() { Exact = true })).ToBeVisibleAsync();
            var entries = await tab.EvaluateAsync<string[]>(
                "() => [location.href, document.referrer, ...performance.getEntriesByType('navigation').map(entry => entry.name), ...(globalThis.navigation?.entries().map(entry => entry.url) ?? [])]"
            );
            await tab.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
            await Expect(tab).ToHaveURLAsync(new Regex("/login$"));
            await tab.GoBackAsync();
            await Expect(tab).ToHaveURLAsync(new Regex("/accept-invitation$"));

            var token = new Uri(link).Query["?token=".Length..];
            Assert.DoesNotContain(entries.Concat(referrers).Append(tab.Url), text => text.Contains(token, StringComparison.Ordinal));
        });

    [Fact]
    public Task By_keyboard() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await visit.NewTabAsync();
            await tab.GotoAsync(new Uri(Invite(visit)).PathAndQuery);
            var keys = new Keyboard(tab);
            await Expect(tab.GetByLabel("Password", new() { Exact = true })).ToBeFocusedAsync();
            await keys.TypeAsync("short");
            await keys.PressAsync("Enter");
            await Expect(tab.GetByLabel("Password", new() { Exact = true })).ToBeFocusedAsync();
            await Expect(tab.GetByRole(AriaRole.Alert)).ToHaveTextAsync(DemoAccounts.PasswordRule);

            await keys.TypeAsync(NewPassword);
            Assert.Equal("Show password", await keys.TabAsync());
            Assert.Equal("Create the account", await keys.TabAsync());
            await keys.PressAsync("Enter");

            await Expect(new AppPage(tab).Email).ToHaveTextAsync("ada@example.com");
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task A_second_factor_is_set_up_used_and_turned_off(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = (await visit.SignInAsync()).Tab;
                await tab.GotoAsync("/app/two-factor");
                await tab.GetByLabel("Password", new() { Exact = true }).FillAsync(DemoBackend.Password);
                await Button(tab, "Set it up").ClickAsync();
                await Expect(tab.GetByRole(AriaRole.Img, new() { Name = "QR code of the key below" })).ToBeVisibleAsync();
                var secret = (await tab.Locator(".key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
                await tab.GetByLabel("One-time code").FillAsync(Code(visit, secret));
                await Button(tab, "Turn it on").ClickAsync();
                await Expect(tab.Locator(".codes li")).ToHaveCountAsync(5);
                await tab.GetByRole(AriaRole.Link, new() { Name = "I have saved them" }).ClickAsync();

                await new LogoutPage(tab).OpenAsync();
                await new LogoutPage(tab).SignOut.ClickAsync();
                var login = await new LoginPage(tab).OpenAsync();
                await login.TryAsync(DemoBackend.Email, DemoBackend.Password);
                await login.AnswerAsync(Code(visit, secret));
                await Expect(new AppPage(tab).Email).ToHaveTextAsync(DemoBackend.Email);

                await tab.GotoAsync("/app/two-factor");
                await tab.GetByLabel("Password", new() { Exact = true }).FillAsync(DemoBackend.Password);
                await tab.GetByLabel("One-time code or recovery code").FillAsync(Code(visit, secret));
                await Button(tab, "Turn it off").ClickAsync();
                await Expect(tab.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Two-step sign-in is off.");
            },
            withScripts
        );

    [Theory, MemberData(nameof(Looks))]
    public Task The_pages_are_accessible_and_fit(ColorScheme colours, int width) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                async Task JudgeAsync(string name) => await AppearanceTests.JudgeThisAsync(tab, $"account-{name}-{colours}-{width}");

                foreach (
                    var page in new[] { "forgot-password", "register", "reset-password", "confirm-email", "accept-invitation", "dev/mail" }
                )
                {
                    await tab.GotoAsync("/" + page);
                    await JudgeAsync(page.Replace('/', '-'));
                }

                await tab.GotoAsync("/forgot-password");
                await tab.GetByLabel("E-mail").FillAsync(DemoBackend.Email);
                await AskForMailAsync(tab, "Send the link");
                await JudgeAsync("forgot-password-sent");
                await tab.GotoAsync("/register");
                await tab.GetByLabel("E-mail").FillAsync("new@example.com");
                await tab.GetByLabel("Password", new() { Exact = true }).FillAsync("short");
                await Button(tab, "Create the account").ClickAsync();
                await Expect(tab.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
                await JudgeAsync("register-wrong");
                await tab.GetByLabel("Password", new() { Exact = true }).FillAsync(NewPassword);
                await AskForMailAsync(tab, "Create the account");
                await JudgeAsync("register-sent");
                await tab.GotoAsync("/dev/mail");
                await JudgeAsync("dev-mail-full");
                await tab.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).First.ClickAsync();
                await Expect(Button(tab, "Confirm the address")).ToBeVisibleAsync();
                await JudgeAsync("confirm-email-link");
                await tab.GotoAsync("/dev/mail");
                await tab.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).Last.ClickAsync();
                await Expect(Button(tab, "Change the password")).ToBeVisibleAsync();
                await JudgeAsync("reset-password-link");

                await (await new LoginPage(tab).OpenAsync()).SignInAsync();
                await JudgeAsync("app");
                foreach (var page in new[] { "password", "email", "two-factor" })
                {
                    await tab.GotoAsync("/app/" + page);
                    await JudgeAsync(page);
                }

                await tab.GetByLabel("Password", new() { Exact = true }).FillAsync("wrong");
                await Button(tab, "Set it up").ClickAsync();
                await Expect(tab.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
                await JudgeAsync("two-factor-wrong");
                await tab.GetByLabel("Password", new() { Exact = true }).FillAsync(DemoBackend.Password);
                await Button(tab, "Set it up").ClickAsync();
                await Expect(tab.Locator(".key")).ToBeVisibleAsync();
                await JudgeAsync("two-factor-code");
                var secret = (await tab.Locator(".key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
                await tab.GetByLabel("One-time code").FillAsync(Code(visit, secret));
                await Button(tab, "Turn it on").ClickAsync();
                await Expect(tab.Locator(".codes li")).ToHaveCountAsync(5);
                await JudgeAsync("two-factor-recovery");
                await tab.GotoAsync("/app/two-factor");
                await JudgeAsync("two-factor-on");
            },
            look: (colours, width)
        );

    private static ILocator Button(IPage tab, string name) =>
        tab.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static async Task AskForMailAsync(IPage tab, string button)
    {
        await Button(tab, button).ClickAsync();
        await Expect(tab.GetByRole(AriaRole.Heading, new() { Name = "Check your mail" })).ToBeVisibleAsync();
    }

    private static string Invite(Visit visit)
    {
        var accounts = visit.Site.Services.GetRequiredService<DemoAccounts>();
        accounts.Invite("ada@example.com", new Uri(visit.Site.Address, "/accept-invitation"));
        return accounts.Mails.First().Link;
    }

    private static string Code(Visit visit, string secret) => DemoTotp.Code(secret, visit.Site.Clock.GetUtcNow());
}
