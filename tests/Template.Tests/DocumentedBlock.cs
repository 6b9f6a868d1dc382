using System.Text.RegularExpressions;

namespace Template.Tests;

/// <summary>Code of a <see cref="DocumentedRecipe"/>. The line above it names its file.</summary>
/// <param name="Mark">"new" if the file does not exist before, "replaces the file" if the code is all of an existing file, otherwise
/// empty.</param>
/// <param name="Lines">Without blank lines and indentation.</param>
public sealed partial record DocumentedBlock(string File, string Mark, IReadOnlyList<string> Lines)
{
    public bool IsNew => Mark is "new";

    public bool IsWholeFile => Mark.Length > 0;

    public static IReadOnlyList<DocumentedBlock> ReadAll(string section)
    {
        var blocks = Block().Matches(section);
        Assert.True(blocks.Count == Fence().Count(section), $"Code without the name of its file:\n{section}");
        return
        [
            .. blocks.Select(block => new DocumentedBlock(
                block.Groups[1].Value,
                block.Groups[2].Value,
                LinesOf(block.Groups[3].Value.Split('\n'))
            )),
        ];
    }

    /// <summary>Whether the file has these lines one after the other, and no others if the page says that they are the whole file.</summary>
    public bool IsIn(string file)
    {
        var all = LinesOf(file.Split('\n'));
        return IsWholeFile
            ? all.SequenceEqual(Lines)
            : Enumerable.Range(0, all.Count).Any(start => all.Skip(start).Take(Lines.Count).SequenceEqual(Lines));
    }

    public static IReadOnlyList<string> LinesOf(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];

    [GeneratedRegex(
        @"^\*\*`(\S+)`\*\*(?: \((new|replaces the file)\))?\n\n```\w+\n(.*?)\n```$",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Block();

    [GeneratedRegex(@"^```\w", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
