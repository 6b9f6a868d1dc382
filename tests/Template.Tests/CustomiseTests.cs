using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>docs/customise.md: the tests of all recipes pass in one site. <see cref="RecipePageTests"/> compare the page with the patches.
/// </summary>
public sealed partial class CustomiseTests(TemplatePackage package)
{
    [Fact]
    public async Task The_tests_of_all_recipes_pass_in_one_site()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "MySite");
        var recipes = RecipePage.Customise.Recipes();

        // Without context: two recipes may change adjacent lines.
        foreach (var recipe in recipes)
            (await Cli.RunAsync("git", ["apply", "-C0", recipe.Patch], site.Root)).ShouldSucceed();

        var tests = recipes
            .SelectMany(recipe => recipe.Files())
            .Select(file => TestFile().Match(file.Path))
            .Where(test => test.Success)
            .Select(test => $"Tests.{test.Groups[1].Value.Replace('/', '.')}")
            .Distinct();
        string[] run = ["test", "--project", site.TestProject, .. GeneratedSite.Filter("--filter-class", tests)];
        (await Cli.RunAsync("dotnet", run, site.Root)).ShouldSucceed();
    }

    [GeneratedRegex(@"^tests/MySite\.Tests/(.+)\.cs$")]
    private static partial Regex TestFile();
}
