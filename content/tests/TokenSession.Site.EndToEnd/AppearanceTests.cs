using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>The look of every page, in both color schemes, on a phone and on a desktop. The pictures are kept, so that people can check
/// them.</summary>
public sealed class AppearanceTests(BrowserFixture browser)
{
    // No rule of the style sheet depends on both color scheme and width, so two of the four combinations show everything.
    public static TheoryData<ColorScheme, int> Looks { get; } = new() { { ColorScheme.Light, 320 }, { ColorScheme.Dark, 1280 } };

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>The tags of the rules that axe checks.</summary>
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

    [Theory, MemberData(nameof(Looks))]
    public Task What_guests_see_is_accessible_and_fits(ColorScheme colours, int width) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                var login = new LoginPage(tab);
                async Task JudgeAsync(string name) => await JudgeThisAsync(tab, $"{name}-{colours}-{width}");

                await tab.GotoAsync("/");
                await JudgeAsync("home-guest");
                await login.OpenAsync();
                await JudgeAsync("login");
                await login.OpenAsync("/login?formNotSent=true");
                await Expect(login.Notice).ToBeVisibleAsync();
                await JudgeAsync("login-reason");
                await login.OpenAsync();
                await LoginPage.TypeAsync(login.Password, withCapsLock: true);
                await JudgeAsync("login-caps-lock");
                await login.TryAsync(DemoBackend.Email, "not the password");
                await Expect(login.Notice).ToBeVisibleAsync();
                await JudgeAsync("login-wrong");
                await tab.EvaluateAsync("() => document.querySelector('main form').setAttribute('aria-busy', 'true')");
                await JudgeAsync("login-busy");
                await login.OpenAsync();
                await login.TryAsync("otp@example.com", DemoBackend.Password);
                await Expect(login.Otp).ToBeVisibleAsync();
                await JudgeAsync("login-otp");
                await login.AnswerAsync("000000");
                await Expect(login.Notice).ToBeVisibleAsync();
                await JudgeAsync("login-otp-wrong");
                await tab.GotoAsync("/logout");
                await JudgeAsync("logout-guest");
                foreach (var status in new[] { 400, 403, 404, 429, 503 })
                {
                    await tab.GotoAsync($"/?fail={status}");
                    await JudgeAsync($"error-{status}");
                }
            },
            look: (colours, width)
        );

    [Theory, MemberData(nameof(Looks))]
    public Task What_users_see_is_accessible_and_fits(ColorScheme colours, int width) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                var tab = app.Tab;
                async Task JudgeAsync(string name) => await JudgeThisAsync(tab, $"{name}-{colours}-{width}");

                await JudgeAsync("app");
                await tab.GotoAsync("/");
                await JudgeAsync("home");
                await new LogoutPage(tab).OpenAsync();
                await JudgeAsync("logout");
                visit.Site.Backend.Faults.RetryAfter = TimeSpan.FromMinutes(2);
                visit.Site.Backend.Faults.Break(DemoFault.Unavailable, DemoBackendHandler.UserPath);
                await app.OpenAsync();
                await JudgeAsync("try-again");
                visit.Site.Backend.Faults.Break(DemoFault.Refused);
                visit.Site.Clock.Advance(TimeSpan.FromSeconds(65));
                await tab.GotoAsync("/");
                await JudgeAsync("home-outage");
                visit.Site.Backend.Faults.Clear();
                await app.OpenAsync();
                await visit.LetTimePassAsync(visit.Site.Options.IdleTimeout - TimeSpan.FromMinutes(4));
                await Expect(new SessionOffer(tab).Stay).ToBeVisibleAsync();
                await JudgeAsync("offer");
            },
            look: (colours, width)
        );

    [Theory, MemberData(nameof(Looks))]
    public async Task What_is_seen_after_a_mistake_is_accessible_and_fits(ColorScheme colours, int width)
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                await tab.GotoAsync("/?fail");
                await JudgeThisAsync(tab, $"error-500-{colours}-{width}");
            },
            look: (colours, width)
        );
    }

    [Fact]
    public Task With_the_colours_of_the_system_and_from_right_to_left_it_is_accessible_and_fits() =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                var login = await new LoginPage(tab).OpenAsync();
                await login.TryAsync(DemoBackend.Email, "not the password");
                await Expect(login.Notice).ToBeVisibleAsync();
                await TurnAsync("login");
                Assert.NotEqual(await StyleAsync(login.Email, "outline-style"), await StyleAsync(login.Password, "outline-style"));

                await login.SignInAsync();
                await TurnAsync("app");
                await Expect(new SiteHeader(tab).Account).ToHaveCSSAsync("text-decoration-line", "underline");
                await tab.GotoAsync("/logout");
                await TurnAsync("logout");
                Assert.NotEqual(
                    await StyleAsync(new LogoutPage(tab).SignOut, "background-color"),
                    await StyleAsync(new SiteHeader(tab).SignOut, "background-color")
                );

                async Task TurnAsync(string name)
                {
                    await tab.EvaluateAsync("() => { document.documentElement.dir = 'rtl'; document.activeElement.blur(); }");
                    await JudgeThisAsync(tab, $"{name}-right-to-left");
                    await tab.EmulateMediaAsync(new() { ForcedColors = ForcedColors.Active });
                    await JudgeThisAsync(tab, $"{name}-forced-colors");
                }
            },
            look: (ColorScheme.Light, 320)
        );

    [Fact]
    public Task In_an_older_browser_that_prefers_dark_it_is_light_and_accessible() =>
        browser.VisitAsync(
            async visit =>
            {
                await visit.Browser.RouteAsync(
                    new Regex(@"/site.*\.css"),
                    async route =>
                    {
                        var answer = await route.FetchAsync();
                        // As if light-dark() were unknown.
                        var styles = (await answer.TextAsync()).Replace("light-dark(", "unknown(", StringComparison.Ordinal);
                        await route.FulfillAsync(new() { Response = answer, Body = styles });
                    }
                );
                var tab = (await new LoginPage(await visit.NewTabAsync()).OpenAsync()).Tab;

                await Expect(tab.Locator("body")).ToHaveCSSAsync("background-color", "rgb(250, 250, 250)");
                Assert.Equal("light", await StyleAsync(tab.Locator("html"), "color-scheme"));
                await JudgeThisAsync(tab, "login-older-browser");
            },
            look: (ColorScheme.Dark, 1280)
        );

    [Fact]
    public Task On_paper_there_is_nothing_to_click() =>
        browser.VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;
            await tab.EmulateMediaAsync(new() { Media = Media.Print, ColorScheme = ColorScheme.Dark });

            await Expect(new SiteHeader(tab).SignOut).ToBeHiddenAsync();
            await Expect(tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            Assert.Equal("light", await StyleAsync(tab.Locator("html"), "color-scheme"));
            await tab.ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Pictures, "app-on-paper.png") });
        });

    private static Task<string> StyleAsync(ILocator element, string property) =>
        element.EvaluateAsync<string>("(element, property) => getComputedStyle(element).getPropertyValue(property)", property);

    internal static async Task JudgeThisAsync(IPage tab, string name)
    {
        await tab.ScreenshotAsync(
            new() { Path = Path.Combine(BrowserFixture.Pictures, $"{name}.png".ToLowerInvariant()), FullPage = true }
        );
        await tab.EvaluateAsync(Axe);
        var violations = await tab.EvaluateAsync<string[]>(
            """
            async runOnly => {
              const { violations } = await axe.run({ runOnly, resultTypes: ['violations'] });
              return violations.map(({ help, nodes }) => `${help}: ${nodes.map(({ html }) => html).join(', ')}`);
            }
            """,
            Rules
        );
        Assert.True(violations.Length is 0, $"{name}: " + string.Join("\n", violations));
        Assert.True(await tab.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is too wide.");
    }
}
