using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>Finds and starts the browsers of this machine.</summary>
public static class Browser
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--disable-component-update",
        "--disable-sync",
    ];

    /// <summary>Chromium without a user interface, from Debian's package of the same name. It needs half of the time.</summary>
    private const string HeadlessShell = "/usr/bin/chromium-headless-shell";

    private static readonly string[] Chromiums =
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/usr/bin/google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
        @"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ];

    private static readonly string[] Firefoxes =
    [
        "/usr/bin/firefox-esr",
        "/usr/bin/firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        @"C:\Program Files\Mozilla Firefox\firefox.exe",
    ];

    /// <summary>Whether this machine has a Firefox: <c>FIREFOX_PATH</c>, or one of the system's.</summary>
    public static bool FirefoxIsThere => FirefoxPath is not null;

    private static string? FirefoxPath => Chosen("FIREFOX_PATH") ?? Firefoxes.FirstOrDefault(File.Exists);

    /// <summary><c>CHROMIUM_PATH</c>, a Chromium of the system, or the Chromium that Playwright downloads.</summary>
    /// <param name="playwright">Starts the browser.</param>
    /// <param name="withBackForwardCache">True: not the headless shell, which has no back/forward cache.</param>
    public static async Task<IBrowser> LaunchChromiumAsync(IPlaywright playwright, bool withBackForwardCache = false)
    {
        string[] found = [.. withBackForwardCache ? [] : new[] { HeadlessShell }, .. Chromiums, playwright.Chromium.ExecutablePath];
        var path = Chosen("CHROMIUM_PATH") ?? found.FirstOrDefault(File.Exists);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                "These tests need Chromium"
                    + (path is null ? "" : $", and CHROMIUM_PATH names a file that is not there ({path})")
                    + ". Install Chromium, Chrome or Edge (on Debian: apt-get install chromium), or set CHROMIUM_PATH to the browser's executable."
            );
        }

        return await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = path,
                Args = Arguments,
                // Playwright turns off the back/forward cache, but users have it.
                IgnoreDefaultArgs = ["--disable-back-forward-cache"],
            }
        );
    }

    /// <summary>An unmodified Firefox, through WebDriver BiDi. Playwright's own build is not needed.</summary>
    public static Task<IBrowser> LaunchFirefoxAsync(IPlaywright playwright) =>
        playwright.Firefox.LaunchAsync(new() { Channel = "moz-firefox", ExecutablePath = FirefoxPath });

    private static string? Chosen(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? path : null;
}
