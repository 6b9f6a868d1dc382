using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The pages with recipes: the code that a page shows is what the patch of the recipe makes of a new site.</summary>
public sealed class RecipePageTests(TemplatePackage package)
{
    [Theory, InlineData("docs/customise.md"), InlineData("docs/backends.md")]
    public void Each_recipe_has_a_patch_and_each_patch_a_recipe(string document)
    {
        var page = RecipePage.Of(document);
        Assert.Equal(page.Patches.Order(), page.Recipes().Select(recipe => recipe.Patch).Order());
    }

    [Theory, InlineData("docs/customise.md"), InlineData("docs/backends.md")]
    public async Task Each_recipe_fits_a_new_site_and_shows_all_of_its_code(string document)
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "MySite", "--no-restore", "true");
        foreach (var recipe in RecipePage.Of(document).Recipes())
        {
            (await Cli.RunAsync("git", ["apply", recipe.Patch], site.Root)).ShouldSucceed();
            Assert.Empty(recipe.Differences(site.Root));
            (await Cli.RunAsync("git", ["apply", "--reverse", recipe.Patch], site.Root)).ShouldSucceed();
        }
    }

    [Fact]
    public void The_table_of_backends_has_the_number_of_changed_lines_of_each_recipe() =>
        Assert.All(
            RecipePage.Backends.Recipes(),
            recipe =>
                Assert.Contains(
                    $"| [recipe](#{recipe.Anchor}), {Recipe.Read(recipe.Heading).ChangedLines} lines ",
                    RecipePage.Backends.Text
                )
        );
}
