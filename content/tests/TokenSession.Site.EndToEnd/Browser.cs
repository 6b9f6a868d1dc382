using Microsoft.Playwright;

namespace TokenSessionSite.EndToEnd;

/// <summary>Finds and starts a Chromium: <c>CHROMIUM_PATH</c>, one of the system's, or the one that Playwright downloads.</summary>
public static class Browser
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
        "--disable-sync",
    ];

    private static readonly string[] InstalledBySystem =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe",
        @"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ];

    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        var path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } chosen
            ? chosen
            : InstalledBySystem.Append(playwright.Chromium.ExecutablePath).FirstOrDefault(File.Exists);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                "These tests need Chromium" + (path is null ? "" : $", and CHROMIUM_PATH names a file that is not there ({path})")
                + ". Install Chromium, Chrome or Edge (on Debian: apt-get install chromium), or set CHROMIUM_PATH to the browser's executable.");
        }

        return await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = Arguments,
            // Playwright switches the back/forward cache off; users have it.
            IgnoreDefaultArgs = ["--disable-back-forward-cache"],
        });
    }
}
