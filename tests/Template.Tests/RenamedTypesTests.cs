using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The tables of docs/upgrading.md name all types of 0.1.0 that are gone.</summary>
public sealed partial class RenamedTypesTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "upgrading.md"));

    private static readonly HashSet<string> TypesNow =
    [
        .. new[] { "src", "tests" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Content, folder), "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => NamesIn(File.ReadAllText(file))),
    ];

    /// <summary>New names by old names.</summary>
    public static IReadOnlyDictionary<string, string> Renamed { get; } =
        RenamedRow().Matches(Page).ToDictionary(row => row.Groups["old"].Value, row => row.Groups["new"].Value);

    private static IEnumerable<string> Gone => GoneRow().Matches(Page).SelectMany(row => TypeName().Matches(row.Value).Select(Value));

    [Fact]
    public void Each_new_name_is_that_of_a_type_and_each_old_name_is_not()
    {
        Assert.True(Renamed.Count > 30, "The page has hardly any renamed type; is it still a table?");
        Assert.All(Renamed.Values, name => Assert.Contains(name, TypesNow));
        Assert.All(Renamed.Keys.Concat(Gone), name => Assert.DoesNotContain(name, TypesNow));
    }

    [Fact]
    public async Task The_tables_have_all_types_of_0_1_0_that_are_gone_and_no_others()
    {
        await OldVersion.SkipWithoutCommitAsync();

        var before = NamesIn(await OldVersion.TypeDeclarationsAsync());

        Assert.Equal(before.Except(TypesNow).Order(StringComparer.Ordinal), Renamed.Keys.Concat(Gone).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> NamesIn(string code) => Declaration().Matches(code).Select(match => match.Groups["name"].Value);

    private static string Value(Match match) => match.Groups["name"].Value;

    [GeneratedRegex(@"^\| `(?<old>\w+)` \| `(?<new>\w+)` \| .*\|$", RegexOptions.Multiline)]
    private static partial Regex RenamedRow();

    // The first column of a table with two columns.
    [GeneratedRegex(@"^\| (`\w+`(, )?)+ \|(?=[^|]*\|$)", RegexOptions.Multiline)]
    private static partial Regex GoneRow();

    [GeneratedRegex(@"`(?<name>\w+)`")]
    private static partial Regex TypeName();

    [GeneratedRegex(
        @"^(public|internal) [\w ]*?(class|record struct|record|struct|interface|enum|delegate [^(]*?) ?(?<name>\w+)\b(?=\W)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Declaration();
}
