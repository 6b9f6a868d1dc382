using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>The patch of a recipe of docs/backends.md, for a new site with the name MySite.</summary>
public sealed partial record Recipe(string Heading, string PatchFile)
{
    public string Patch { get; } = File.ReadAllText(PatchFile);

    /// <summary>The lines that are added and those that are removed.</summary>
    public int ChangedLines => ChangedLine().Count(Patch);

    public IReadOnlyList<string> ChangedFiles => [.. ChangedFile().Matches(Patch).Select(file => file.Groups[1].Value)];

    public static Recipe Read(string heading) =>
        new(heading, Assert.Single(RecipePage.Backends.Recipes(), recipe => recipe.Heading == heading).Patch);

    public async Task ApplyAsync(GeneratedSite site) => (await Cli.RunAsync("git", ["apply", PatchFile], site.Root)).ShouldSucceed();

    public override string ToString() => $"{Heading} ({ChangedLines} lines)";

    [GeneratedRegex(@"^\+\+\+ b/(.+)$", RegexOptions.Multiline)]
    private static partial Regex ChangedFile();

    [GeneratedRegex(@"^(\+(?!\+\+ )|-(?!-- ))", RegexOptions.Multiline)]
    private static partial Regex ChangedLine();
}
