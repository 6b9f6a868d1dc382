using EndToEnd;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace EndToEnd;

/// <summary>Owns the browser that all tests share. Each test has its own site and its own profile (cookies, tabs).</summary>
public class BrowserFixture : IAsyncDisposable
{
    /// <summary>The directory of the pictures: beside the files of the test, ignored by git.</summary>
    public static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Lazy<Task<IBrowser>> browser;
    private IPlaywright? playwright;

    /// <summary>The browser starts with the first visit: if all tests are skipped, there may be no browser.</summary>
    public BrowserFixture() => browser = new(async () => await LaunchAsync(playwright = await Playwright.CreateAsync()));

    public async ValueTask DisposeAsync()
    {
        if (browser is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await EndsAsync((await browser.Value).CloseAsync());
        }

        playwright?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A visit to its own site. The test fails if a page reported an error.</summary>
    /// <param name="test">What happens during the visit.</param>
    /// <param name="withScripts">False: a browser with JavaScript switched off.</param>
    /// <param name="clockIsOffBy">The error of the clock of the visitor's computer.</param>
    /// <param name="look">The color scheme and size of the window.</param>
    public async Task VisitAsync(
        Func<Visit, Task> test,
        bool withScripts = true,
        TimeSpan clockIsOffBy = default,
        (ColorScheme Colours, int Width)? look = null
    )
    {
        await using var site = new TestSite();
        await VisitAsync(site, test, withScripts, clockIsOffBy, look);
    }

    /// <summary>One more visitor of the same site, with a separate browser profile.</summary>
    public async Task VisitAsync(
        TestSite site,
        Func<Visit, Task> test,
        bool withScripts = true,
        TimeSpan clockIsOffBy = default,
        (ColorScheme Colours, int Width)? look = null
    )
    {
        var context = await (await browser.Value).NewContextAsync(
            new()
            {
                BaseURL = site.Address.ToString(),
                JavaScriptEnabled = withScripts,
                ColorScheme = look?.Colours ?? ColorScheme.Light,
                ViewportSize = new() { Width = look?.Width ?? 1280, Height = 800 },
                Locale = "en-GB",
                TimezoneId = "Europe/Vienna",
            }
        );
        context.SetDefaultTimeout(10_000);
        Assertions.SetDefaultExpectTimeout(10_000);
        await context.Clock.InstallAsync(new() { TimeDate = DateTime.UtcNow + clockIsOffBy });
        var visit = new Visit(site, context);
        try
        {
            // If a promise of a script never settles, the test would wait forever.
            await test(visit).WaitAsync(Patience);
            visit.AssertThatNoPageComplained();
        }
        catch
        {
            await KeepPicturesAsync(context);
            throw;
        }
        finally
        {
            await EndsAsync(context.CloseAsync());
        }
    }

    protected virtual Task<IBrowser> LaunchAsync(IPlaywright playwright) => Browser.LaunchChromiumAsync(playwright);

    /// <summary>While a page is being replaced, Chromium sometimes does not confirm that it has closed the page.</summary>
    private static async Task EndsAsync(Task closing)
    {
        try
        {
            await closing.WaitAsync(TimeSpan.FromSeconds(15));
        }
        catch (TimeoutException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine("The browser did not close the visit in 15 s.");
        }
    }

    /// <summary>What the visitor saw when the test failed.</summary>
    private static async Task KeepPicturesAsync(IBrowserContext context)
    {
        foreach (var (tab, number) in context.Pages.Select((tab, index) => (tab, index + 1)))
        {
            var name = $"failed-{TestContext.Current.TestMethod?.MethodName}-tab-{number}.png";
            TestContext.Current.TestOutputHelper?.WriteLine($"Tab {number} is at {tab.Url}; see screenshots/{name}.");
            try
            {
                await tab.ScreenshotAsync(new() { Path = Path.Combine(Pictures, name), Timeout = 3_000 });
            }
            catch (Exception failure) when (failure is PlaywrightException or TimeoutException)
            {
                // The failure of the test is more important than this one.
            }
        }
    }
}
