using Microsoft.Playwright;

namespace EndToEnd.Pages;

public sealed class InspectorPage(IPage page)
{
    public IPage Tab => page;

    public ILocator State => page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Heading, new() { Level = 2 }).First;

    public ILocator Outcomes => page.Locator(".timeline .tag");

    public ILocator Generations => page.Locator(".timeline .generation");

    /// <summary>The remaining life of the access token: a bar and a text.</summary>
    public ILocator Life => page.GetByRole(AriaRole.Meter, new() { Name = "Access token" });

    public ILocator Countdown => page.Locator("[data-countdown]");

    public ILocator Content => page.GetByRole(AriaRole.Main);

    public async Task<InspectorPage> OpenAsync()
    {
        await page.GotoAsync("/dev/session");
        return this;
    }

    public Task PressAsync(string button) => page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
}
