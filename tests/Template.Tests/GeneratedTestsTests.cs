using System.Globalization;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A new site passes its own tests, with nothing changed. JwtRecipeTests runs all of them on .NET 10, in a custom site.</summary>
[Collection(typeof(UndisturbedCollection))]
public sealed partial class GeneratedTestsTests(TemplatePackage package)
{
    [Fact]
    public async Task Its_own_tests_pass_where_only_dotnet_11_is_installed()
    {
        Assert.SkipUnless(Net11.IsAvailable, "The files of .NET 11 are those for Linux on x64.");
        var dotnet = Net11.LayOut(package.NewFolder());
        var site = await SiteWithoutSampleAsync();

        var run = (await site.TestOnAsync(dotnet)).ShouldSucceed();
        Assert.Contains($".NET {Net11.Version}", run.Output);
        var totals = TotalsOfTheRunner().Match(run.Output);
        Assert.True(totals.Success && Number(totals.Groups["total"]) - Number(totals.Groups["skipped"]) >= 1000, $"{run}");
    }

    /// <summary>The commands of its CI workflow, in their order. Other tests run those that test the site.</summary>
    [Fact]
    public async Task Its_workflow_succeeds()
    {
        var site = await SiteWithoutSampleAsync();
        (await site.BuildAsync()).ShouldSucceed();
        Assert.Equal(["restore", "build", "test", "test", "publish"], site.Workflow.Select(command => Cli.Words(command)[1]));

        foreach (var command in site.Workflow.Except([site.TestCommand, site.EndToEndCommand]))
            (await site.RunAsync(command)).ShouldSucceed();

        Assert.True(File.Exists(Path.Combine(site.Root, "artifacts", "site", $"{site.FileName}.dll")));
    }

    /// <summary>Those that run all tests are the same as in its workflow.</summary>
    [Fact]
    public async Task The_commands_for_coding_assistants_succeed()
    {
        var site = await SiteWithoutSampleAsync();
        (await site.BuildAsync()).ShouldSucceed();
        var commands = AgentsTests.CommandsOf(site);
        var run = Assert.Single(commands, command => command.StartsWith("dotnet run ", StringComparison.Ordinal));
        string[] workflow = [.. site.Workflow.Select(command => command.Replace(" --no-build", "", StringComparison.Ordinal))];
        string[] others = [.. commands.Except(workflow).Except([run])];
        Assert.Equal(5, commands.Count);
        Assert.Equal(["dotnet build", $"{workflow[2]} --filter-class \"*.RestrictionTests\""], others);

        foreach (var command in others)
            (await site.RunAsync(command)).ShouldSucceed();

        await using var running = await RunningSite.StartAsync(Cli.StartInfo("dotnet", Cli.Words(run)[1..], site.Root));
        using var browser = new HttpClient { BaseAddress = running.BaseAddress };
        Assert.Contains("demo@example.com", running.Output);
        Assert.True((await browser.GetAsync("/login")).IsSuccessStatusCode, running.Output);
    }

    /// <summary>The tests of the session, and those with the adapter of the demo backend, run once: they are the same with each
    /// adapter.</summary>
    [Fact]
    public async Task Those_of_its_adapter_pages_and_account_pass_with_Identity_too()
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options("identity", account: "true"));
        string[] namespaces = ["Tests.Backend", "Tests.Account", "Tests.Pages"];

        var run = await site.TestOnlyAsync([
            .. GeneratedSite.Filter("--filter-class", namespaces.Select(name => $"{name}.*")),
            .. GeneratedSite.Filter("--filter-not-class", GeneratedSite.TestsWithoutAdapter),
            "--output",
            "Detailed",
        ]);

        run.ShouldHavePassed([.. namespaces, "Tests.Backend.IdentityBackendTests"]);
    }

    [Fact]
    public async Task Its_own_tests_in_a_browser_pass()
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options("directus", account: "true"));

        AssertPassed(await site.EndToEndAsync());
    }

    /// <summary>The tests of the scripts run once: the scripts are the same in each site, except one line of site.js.</summary>
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

        AssertPassed(
            await site.EndToEndAsync(GeneratedSite.Filter("--filter-not-class", ofTheScripts.Select(tests => $"EndToEnd.{tests}")))
        );
    }

    private Task<GeneratedSite> SiteWithoutSampleAsync() =>
        package.GenerateAsync("Acme.class.Site-2.0", Names.OptionsOf("Acme.class.Site-2.0"));

    // The exit code alone would also be content with a run in which every test was skipped.
    private static void AssertPassed(CliResult run)
    {
        run.ShouldSucceed();
        Assert.Matches(SomeSucceeded(), run.Output);
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("Total: (?<total>[0-9]+), Errors: 0, Failed: 0, Skipped: (?<skipped>[0-9]+),")]
    private static partial Regex TotalsOfTheRunner();

    [GeneratedRegex(@"succeeded: [1-9]")]
    private static partial Regex SomeSucceeded();
}
