using Microsoft.Playwright;
using TokenSessionSite.EndToEnd;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace TokenSessionSite.EndToEnd;

/// <summary>Owns the one browser of all tests. Each test has a site and a profile (cookies, tabs) of its own.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await Browser.LaunchAsync(playwright);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }

    /// <summary>Opens a visit with scripts switched on or off, and in the end checks that no page complained.</summary>
    public async Task VisitAsync(Func<Visit, Task> test, bool withScripts = true, ColorScheme colours = ColorScheme.Light, int width = 1280)
    {
        await using var site = new Site();
        await using var context = await browser.NewContextAsync(new()
        {
            BaseURL = site.Address.ToString(),
            JavaScriptEnabled = withScripts,
            ColorScheme = colours,
            ViewportSize = new() { Width = width, Height = 900 },
            Locale = "en-GB",
            TimezoneId = "Europe/Vienna",
        });
        context.SetDefaultTimeout(10_000);
        var visit = new Visit(site, context);
        await test(visit);
        visit.AssertThatNoPageComplained();
    }
}
