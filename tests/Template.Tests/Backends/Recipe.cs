using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>A patch for a new site with the name MySite: the only block of its kind below a heading of docs/backends.md.</summary>
public sealed partial record Recipe(string Heading, string Patch)
{
    public const string Document = "docs/backends.md";

    /// <summary>The lines that are added and those that are removed.</summary>
    public int ChangedLines => ChangedLine().Count(Patch);

    public IReadOnlyList<string> ChangedFiles => [.. ChangedFile().Matches(Patch).Select(file => file.Groups[1].Value)];

    public static Recipe Read(string heading)
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, Document));
        var section = Assert.Single(Section().Matches(document), section => section.Groups[1].Value == heading);
        return new(heading, Assert.Single(Diff().Matches(section.Value)).Groups[1].Value);
    }

    public async Task ApplyAsync(GeneratedSite site, string folder)
    {
        var patch = Path.Combine(folder, "recipe.patch");
        await File.WriteAllTextAsync(patch, Patch);
        (await Cli.RunAsync("git", ["apply", patch], site.Root)).ShouldSucceed();
    }

    public override string ToString() => $"{Heading} ({ChangedLines} lines)";

    [GeneratedRegex(@"^### (.+)\n(?:(?!^##).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^```diff\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Diff();

    [GeneratedRegex(@"^\+\+\+ b/(.+)$", RegexOptions.Multiline)]
    private static partial Regex ChangedFile();

    [GeneratedRegex(@"^(\+(?!\+\+ )|-(?!-- ))", RegexOptions.Multiline)]
    private static partial Regex ChangedLine();
}
