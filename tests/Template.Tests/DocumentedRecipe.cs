using System.Text.RegularExpressions;

namespace Template.Tests;

/// <summary>A recipe of a <see cref="RecipePage"/>: the code that the page shows, and the patch that makes the same changes to a new site.
/// </summary>
public sealed partial record DocumentedRecipe(string PatchFolder, string Heading, IReadOnlyList<DocumentedBlock> Blocks)
{
    /// <summary>The name of the recipe in addresses and in the file name of its patch.</summary>
    public string Anchor => Heading.ToLowerInvariant().Replace(' ', '-');

    public string Patch => Path.Combine(PatchFolder, $"{Anchor}.patch");

    /// <summary>The files that the patch creates or changes.</summary>
    public IReadOnlyList<PatchedFile> Files() =>
        [
            .. PatchOfFile()
                .Matches(File.ReadAllText(Patch))
                .Select(file => new PatchedFile(
                    file.Groups[2].Value,
                    file.Groups[1].Value is "/dev/null",
                    DocumentedBlock.LinesOf(AddedLine().Matches(file.Groups[3].Value).Select(line => line.Groups[1].Value))
                )),
        ];

    /// <summary>How the page differs from a site after the patch: code that is not in its file, lines of the patch that the page does not
    /// show, and files that are marked wrongly.</summary>
    public IEnumerable<string> Differences(string site)
    {
        var files = Files();
        foreach (var block in Blocks)
        {
            var file = files.SingleOrDefault(file => file.Path == block.File);
            if (file is null)
                yield return $"{Heading}: the patch does not change {block.File}";
            else if (block.IsNew != file.IsNew)
                yield return $"{Heading}: {block.File} is {(file.IsNew ? "" : "not ")}new";
            else if (!block.IsIn(File.ReadAllText(Path.Combine(site, block.File))))
                yield return $"{Heading}: {block.File} {(block.IsWholeFile ? "is not" : "does not have")}\n{string.Join('\n', block.Lines)}";
        }

        foreach (var file in files)
        {
            var shown = Blocks.Where(block => block.File == file.Path).SelectMany(block => block.Lines).ToHashSet();
            foreach (var line in file.AddedLines.Where(line => !shown.Contains(line)))
                yield return $"{Heading}: the page does not show this line of {file.Path}\n{line}";
        }
    }

    [GeneratedRegex(@"^--- (?:a/)?(\S+)\n\+\+\+ b/(\S+)\n((?:[@ +\-\\].*\n)*)", RegexOptions.Multiline)]
    private static partial Regex PatchOfFile();

    [GeneratedRegex(@"^\+(.*)$", RegexOptions.Multiline)]
    private static partial Regex AddedLine();

    public sealed record PatchedFile(string Path, bool IsNew, IReadOnlyList<string> AddedLines);
}
