using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A new site passes its own tests, with nothing changed. JwtRecipeTests runs those of a custom site.</summary>
[Collection(typeof(UndisturbedCollection))]
public sealed partial class GeneratedTestsTests(TemplatePackage package)
{
    [Theory]
    [InlineData("Acme.class.Site-2.0", "directus", "false", "false", "true")]
    [InlineData("Acme.Web", "identity", "true", "true", "false")]
    public async Task Its_own_tests_pass(string name, string backend, string sample, string account, string redis)
    {
        var site = await package.GenerateAsync(name, OptionTests.Options(backend, sample: sample, account: account, redis: redis));

        AssertPassed(await site.TestAsync());
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
        string[] ofTheScripts = ["RefreshTests", "ModuleTests", "FirefoxTests", "WebKitTests"];

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
