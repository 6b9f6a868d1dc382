using Microsoft.Playwright;

namespace TokenSessionSite.EndToEnd.Pages;

public sealed class AppPage(IPage page)
{
    public IPage Tab => page;

    public ILocator Email => page.Locator("[data-email]");

    public ILocator Countdown => page.Locator("[data-countdown]");

    public ILocator SignOut => page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Sign out" });

    /// <summary>The user looks at this tab again.</summary>
    public Task ComeBackAsync() => page.EvaluateAsync("() => { dispatchEvent(new Event('focus')); }");

    public async Task<AppPage> OpenAsync()
    {
        await page.GotoAsync("/app");
        return this;
    }
}
