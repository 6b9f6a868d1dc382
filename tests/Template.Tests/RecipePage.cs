using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A page of the documents with recipes, and the folder that has a patch for each of them.</summary>
/// <param name="HeadingLevel">The number of # in front of the heading of a recipe.</param>
public sealed record RecipePage(string Document, string PatchFolder, int HeadingLevel)
{
    public static readonly RecipePage Customise = new("docs/customise.md", "tests/Template.Tests/Recipes", 2);
    public static readonly RecipePage Backends = new("docs/backends.md", "tests/Template.Tests/Backends/Recipes", 3);

    public static RecipePage Of(string document) => new[] { Customise, Backends }.Single(page => page.Document == document);

    public string Text => File.ReadAllText(Path.Combine(Repository.Root, Document));

    public IReadOnlyList<string> Patches => Directory.GetFiles(Folder);

    private string Folder => Path.Combine(Repository.Root, PatchFolder);

    /// <summary>All sections of the page that have code.</summary>
    public IReadOnlyList<DocumentedRecipe> Recipes() =>
        [
            .. Regex
                .Matches(Text, $@"^#{{{HeadingLevel}}} (.+)\n(?:(?!#{{2,{HeadingLevel}}} ).*\n)*", RegexOptions.Multiline)
                .Select(section => new DocumentedRecipe(Folder, section.Groups[1].Value, DocumentedBlock.ReadAll(section.Value)))
                .Where(recipe => recipe.Blocks.Count > 0),
        ];
}
