using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>docs/customise.md: the code of each recipe is what its patch makes of a new site, and the tests of all recipes pass in one
/// site.</summary>
public sealed partial class CustomiseTests(TemplatePackage package)
{
    private static readonly IReadOnlyList<CustomiseRecipe> Recipes = CustomiseRecipe.ReadAll();

    [Fact]
    public void Each_recipe_has_a_patch_and_each_patch_a_recipe() =>
        Assert.Equal(Directory.GetFiles(CustomiseRecipe.Folder).Order(), Recipes.Select(recipe => recipe.Patch).Order());

    [Fact]
    public async Task Each_recipe_fits_a_new_site_and_shows_all_of_its_code()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "MySite", "--no-restore", "true");
        foreach (var recipe in Recipes)
        {
            (await Cli.RunAsync("git", ["apply", recipe.Patch], site.Root)).ShouldSucceed();
            Assert.Empty(recipe.Differences(site.Root));
            (await Cli.RunAsync("git", ["apply", "--reverse", recipe.Patch], site.Root)).ShouldSucceed();
        }
    }

    [Fact]
    public async Task The_tests_of_all_recipes_pass_in_one_site()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "MySite");

        // Without context: two recipes may change adjacent lines.
        foreach (var recipe in Recipes)
            (await Cli.RunAsync("git", ["apply", "-C0", recipe.Patch], site.Root)).ShouldSucceed();

        var tests = Recipes
            .SelectMany(recipe => recipe.Files())
            .Select(file => TestFile().Match(file.Path))
            .Where(test => test.Success)
            .Select(test => $"Tests.{test.Groups[1].Value.Replace('/', '.')}")
            .Distinct();
        string[] run = ["test", "--project", site.TestProject, .. tests.SelectMany(test => new[] { "--filter-class", test })];
        (await Cli.RunAsync("dotnet", run, site.Root)).ShouldSucceed();
    }

    [GeneratedRegex(@"^tests/MySite\.Tests/(.+)\.cs$")]
    private static partial Regex TestFile();
}
