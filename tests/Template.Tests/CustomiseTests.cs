using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>docs/customise.md: the patch of each recipe applies alone to a new site, and the tests of the site pass with all patches
/// together.</summary>
public sealed partial class CustomiseTests(TemplatePackage package)
{
    [Fact]
    public async Task Every_recipe_fits_a_new_site_and_its_tests_hold_with_all_of_them()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "MySite");
        var recipes = Recipe().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "customise.md")));
        Assert.Equal(8, recipes.Count);
        var patches = recipes.Select(recipe => Path.Combine(package.NewFolder(), "recipe.patch")).ToList();
        foreach (var (patch, recipe) in patches.Zip(recipes))
        {
            File.WriteAllText(patch, recipe.Groups[1].Value);
            (await Cli.RunAsync("git", ["apply", "--unidiff-zero", "--check", patch], site.Root)).ShouldSucceed();
        }
        foreach (var patch in patches)
            (await Cli.RunAsync("git", ["apply", "--unidiff-zero", patch], site.Root)).ShouldSucceed();

        string[] tests =
        [
            "test",
            "--project",
            site.TestProject,
            "--filter-namespace",
            "Tests.Backend",
            "--filter-namespace",
            "Tests.Pages",
        ];
        (await Cli.RunAsync("dotnet", tests, site.Root)).ShouldSucceed();
    }

    [GeneratedRegex(@"^```diff\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Recipe();
}
