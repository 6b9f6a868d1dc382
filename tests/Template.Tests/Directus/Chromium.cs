using Microsoft.Playwright;

namespace Template.Tests.Directus;

/// <summary>The Chromium of this machine: CHROMIUM_PATH, or the headless shell or the Chromium of the system packages. It is started once
/// for each test class. The headless shell needs half of the time.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string Executable = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } path
        ? path
        : new[] { "/usr/bin/chromium-headless-shell", "/usr/bin/chromium" }.FirstOrDefault(File.Exists, "/usr/bin/chromium");

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        Assert.True(
            File.Exists(Executable),
            $"No browser at {Executable}. Install Chromium (apt-get install chromium) or set CHROMIUM_PATH to one."
        );
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = Executable,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--no-first-run",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
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
