using System.Text.RegularExpressions;

namespace Template.Tests;

/// <summary>Code of docs/customise.md. The line above it names its file.</summary>
/// <param name="IsNew">Whether the page says that the file does not exist before.</param>
/// <param name="Lines">Without blank lines and indentation.</param>
public sealed partial record CustomiseBlock(string File, bool IsNew, IReadOnlyList<string> Lines)
{
    public static IReadOnlyList<CustomiseBlock> ReadAll(string section)
    {
        var blocks = Block().Matches(section);
        Assert.True(blocks.Count == Fence().Count(section), $"Code without the name of its file:\n{section}");
        return
        [
            .. blocks.Select(block => new CustomiseBlock(
                block.Groups[1].Value,
                block.Groups[2].Success,
                LinesOf(block.Groups[3].Value.Split('\n'))
            )),
        ];
    }

    /// <summary>Whether the file has these lines one after the other.</summary>
    public bool IsIn(string file)
    {
        var all = LinesOf(file.Split('\n'));
        return Enumerable.Range(0, all.Count).Any(start => all.Skip(start).Take(Lines.Count).SequenceEqual(Lines));
    }

    public static IReadOnlyList<string> LinesOf(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];

    [GeneratedRegex(@"^\*\*`(\S+)`\*\*( \(new\))?\n\n```\w+\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^```\w", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
