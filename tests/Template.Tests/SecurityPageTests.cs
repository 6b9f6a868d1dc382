using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>docs/security.md names a file and a test for each requirement. These must exist.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Every_file_that_it_names_exists()
    {
        var files = Named(FileName());
        Assert.True(files.Count > 20, "The page names hardly any file; is it still a table?");
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Repository.Content, "src", "TokenSession.Site", file)), file));
    }

    [Fact]
    public void Every_test_that_it_names_exists()
    {
        var tests = Named(TestName());
        Assert.True(tests.Count > 40, "The page names hardly any test; is it still a table?");
        Assert.All(
            tests,
            test =>
            {
                var (type, method) = (test.Split('.')[0], test.Split('.')[1]);
                var files = new[] { Repository.Content, Path.Combine(Repository.Root, "tests") }.SelectMany(folder =>
                    Directory.GetFiles(folder, $"{type}.cs", SearchOption.AllDirectories)
                );
                Assert.True(files.Any(file => File.ReadAllText(file).Contains($" {method}(", StringComparison.Ordinal)), test);
            }
        );
    }

    private static List<string> Named(Regex pattern) => [.. pattern.Matches(Page).Select(match => match.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"`((?:\w+/)*\w+(?:\.cshtml)?\.cs(?:html)?)`")]
    private static partial Regex FileName();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex TestName();
}
