using EndToEnd;
using Microsoft.Playwright;

namespace Template.Tests.Directus;

/// <summary>The Chromium that the tests of a site use, too. It is started once for each test class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await Browser.LaunchChromiumAsync(playwright);
    }

    /// <summary>A browser window with no cookies.</summary>
    public Task<IBrowserContext> NewContextAsync(Uri site) => browser!.NewContextAsync(new() { BaseURL = $"{site}" });

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
