using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.EndToEnd.Pages;

namespace TokenSessionSite.EndToEnd;

/// <summary>Every page as it looks, in both colour schemes, on a phone and on a desk. The pictures are kept for people to judge.</summary>
public sealed class AppearanceTests(BrowserFixture browser)
{
    [Theory]
    [InlineData(ColorScheme.Light, 320), InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 320), InlineData(ColorScheme.Dark, 1280)]
    public Task Every_page_is_accessible_and_fits(ColorScheme colours, int width) => browser.VisitAsync(async visit =>
    {
        var tab = await visit.NewTabAsync();
        var login = new LoginPage(tab);

        await LookAsync("home-guest", () => tab.GotoAsync("/"));
        await LookAsync("login", () => tab.GotoAsync("/login"));
        await LookAsync("login-wrong", () => login.TryAsync(DemoBackend.Email, "not the password"));
        await LookAsync("login-otp", () => login.TryAsync("otp@example.com", DemoBackend.Password));
        await LookAsync("logout-guest", () => tab.GotoAsync("/logout"));
        await LookAsync("not-found", () => tab.GotoAsync("/nowhere"));

        await tab.GotoAsync("/login");
        await login.SignInAsync();
        await LookAsync("app", () => tab.GotoAsync("/app"));
        await LookAsync("home", () => tab.GotoAsync("/"));
        await LookAsync("inspector", () => tab.GotoAsync("/dev/session"));
        await LookAsync("logout", () => tab.GotoAsync("/logout"));
        visit.Site.Backend.Faults.Break(DemoFault.Refused, "/users");
        await LookAsync("try-again", () => tab.GotoAsync("/app"));

        async Task LookAsync(string name, Func<Task> open)
        {
            await open();
            var picture = $"{name}-{colours}-{width}.png".ToLowerInvariant();
            await tab.ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Pictures, picture), FullPage = true });
            var report = await tab.RunAxe(new AxeRunOptions
            {
                RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
            });
            Assert.True(report.Violations.Length is 0, $"{name}: " + string.Join("\n", report.Violations.Select(Describe)));
            Assert.True(
                await tab.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than {width} px.");
        }
    }, look: (colours, width));

    private static string Describe(AxeResultItem violation) =>
        $"{violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}";
}
