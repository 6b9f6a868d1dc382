using System.Runtime.CompilerServices;
using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>Like <see cref="BrowserFixture"/>, but with the system's Firefox.</summary>
public sealed class FirefoxFixture : BrowserFixture
{
    protected override Task<IBrowser> LaunchAsync(IPlaywright playwright) => Browser.LaunchFirefoxAsync(playwright);
}

/// <summary>A test that runs where the system has a Firefox.</summary>
public sealed class FirefoxFactAttribute : FactAttribute
{
    public FirefoxFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        (SkipType, SkipUnless) = (typeof(Browser), nameof(Browser.FirefoxIsThere));
        Skip = "There is no Firefox here: install one, or name it in FIREFOX_PATH.";
    }
}
