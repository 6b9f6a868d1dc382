using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>What no reviewer should have to look for in the files that git tracks.</summary>
public sealed partial class HygieneTests
{
    private static readonly string[] Binary = [".png", ".ico", ".jpg", ".webp", ".woff2", ".db"];

    [Fact]
    public Task No_file_begins_with_a_byte_order_mark() =>
        AssertAllAsync(bytes => !bytes.AsSpan().StartsWith("\uFEFF"u8), "begin with a byte order mark");

    [Fact]
    public Task Every_file_ends_with_one_newline() =>
        AssertAllAsync(bytes => bytes.Length == 0 || (bytes is [.., not (byte)'\n', (byte)'\n'] or [(byte)'\n']), "do not end with one newline");

    [Fact]
    public Task No_file_has_carriage_returns() => AssertAllAsync(bytes => !bytes.Contains((byte)'\r'), "have carriage returns");

    [Fact]
    public async Task Json_is_json()
    {
        foreach (var file in (await TextFilesAsync()).Where(file => file.EndsWith(".json", StringComparison.Ordinal)))
        {
            var problem = Record.Exception(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, file))).Dispose());
            Assert.True(problem is null, $"{file}: {problem?.Message}");
        }
    }

    [Fact]
    public async Task No_code_of_the_content_has_a_compiler_condition()
    {
        // The template engine would answer it at generation, and take the lines away.
        foreach (var file in (await TextFilesAsync("content")).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
            Assert.DoesNotMatch(CompilerCondition(), await File.ReadAllTextAsync(Path.Combine(Repository.Root, file)));
    }

    [Fact]
    public void Every_project_that_the_solution_names_exists()
    {
        var solution = Path.Combine(Repository.Content, "TokenSession.Site.slnx");
        foreach (var project in XDocument.Load(solution).Descendants("Project").Select(project => (string)project.Attribute("Path")!))
            Assert.True(File.Exists(Path.Combine(Repository.Content, project)), project);
    }

    [Fact]
    public async Task Nothing_is_left_to_do_in_the_content()
    {
        foreach (var file in await TextFilesAsync("content", ".template.config", "template"))
            Assert.DoesNotMatch(LeftToDo(), await File.ReadAllTextAsync(Path.Combine(Repository.Root, file)));
    }

    [Fact]
    public async Task No_file_names_a_package_registry_or_a_folder_of_somebodys_machine()
    {
        foreach (var file in await TextFilesAsync())
        {
            if (!file.EndsWith("HygieneTests.cs", StringComparison.Ordinal))
                Assert.False(Private().IsMatch(await File.ReadAllTextAsync(Path.Combine(Repository.Root, file))), $"{file} does");
        }
    }

    private static async Task AssertAllAsync(Func<byte[], bool> isFine, string problem)
    {
        var files = await TextFilesAsync();
        var wrong = files.Where(file => !isFine(File.ReadAllBytes(Path.Combine(Repository.Root, file)))).ToList();
        Assert.True(wrong.Count == 0, $"These {problem}: {string.Join(", ", wrong)}");
    }

    private static async Task<IReadOnlyList<string>> TextFilesAsync(params string[] folders)
    {
        var tracked = await Repository.TrackedFilesAsync(folders is [] ? ["."] : folders);
        return [.. tracked.Where(file => !Binary.Contains(Path.GetExtension(file)) && File.Exists(Path.Combine(Repository.Root, file)))];
    }

    [GeneratedRegex(@"^\s*#\s*(if|elif|else|endif)\b", RegexOptions.Multiline)]
    private static partial Regex CompilerCondition();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LeftToDo();

    // Where a lock file came from, a feed by its address, somebody's home.
    [GeneratedRegex(@"""resolved"":|//(registry|api|deb|packages)\.(?!example\.)[a-z]+\.[a-z]+|/root/|/home/[a-z]+/|C:\\Users")]
    private static partial Regex Private();
}
