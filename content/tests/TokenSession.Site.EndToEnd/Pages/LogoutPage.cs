using Microsoft.Playwright;

namespace EndToEnd.Pages;

public sealed class LogoutPage(IPage page)
{
    public ILocator Heading => page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    public ILocator SignOut => page.GetByRole(AriaRole.Button, new() { Name = "Sign out" });

    public async Task<LogoutPage> OpenAsync()
    {
        await page.GotoAsync("/logout");
        return this;
    }
}
