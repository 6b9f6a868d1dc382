using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A new site passes its own tests, with nothing changed. JwtRecipeTests runs those of a custom site.</summary>
[Collection(typeof(UndisturbedCollection))]
public sealed partial class GeneratedTestsTests(TemplatePackage package)
{
    [Fact]
    public async Task Its_own_tests_pass()
    {
        var site = await package.GenerateAsync(
            "Acme.class.Site-2.0",
            OptionTests.Options("directus", sample: "false", account: "false", redis: "true")
        );

        AssertPassed(await site.TestAsync());
    }

    /// <summary>The tests of the session run once: it is the same with each adapter.</summary>
    [Fact]
    public async Task Those_of_its_adapter_pages_and_account_pass_with_Identity_too()
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options("identity", account: "true"));

        AssertPassed(
            await site.TestOnlyAsync([
                "--filter-class",
                "Tests.Backend.*",
                "--filter-class",
                "Tests.Account.*",
                "--filter-class",
                "Tests.Pages.*",
            ])
        );
    }

    [Fact]
    public async Task Its_own_tests_in_a_browser_pass()
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options("directus", account: "true"));

        AssertPassed(await site.EndToEndAsync());
    }

    /// <summary>The tests of the scripts run once: their files are the same in each site.</summary>
    [Fact]
    public async Task Those_of_its_pages_pass_in_a_site_with_few_options_too()
    {
        var site = await package.GenerateAsync("My App", OptionTests.Options("custom", sample: "false"));
        string[] ofTheScripts =
        [
            "RefreshTests",
            "ModuleTests",
            "IdleTests",
            "BackForwardTests",
            "OddBrowserTests",
            "FirefoxTests",
            "WebKitTests",
        ];

        AssertPassed(await site.EndToEndAsync(ofTheScripts.SelectMany(tests => new[] { "--filter-not-class", $"EndToEnd.{tests}" })));
    }

    // The exit code alone would also be content with a run in which every test was skipped.
    private static void AssertPassed(CliResult run)
    {
        run.ShouldSucceed();
        Assert.Matches(SomeSucceeded(), run.Output);
    }

    [GeneratedRegex(@"succeeded: [1-9]")]
    private static partial Regex SomeSucceeded();
}
