using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>Checks the files that git tracks, so that no reviewer has to.</summary>
public sealed partial class HygieneTests
{
    private static readonly string[] Binary = [".png", ".ico", ".jpg", ".webp", ".woff2", ".db"];

    [Fact]
    public Task No_file_begins_with_a_byte_order_mark() =>
        AssertAllAsync(bytes => !bytes.AsSpan().StartsWith("\uFEFF"u8), "begin with a byte order mark");

    [Fact]
    public Task Every_file_ends_with_one_newline() =>
        AssertAllAsync(
            bytes => bytes.Length == 0 || (bytes is [.., not (byte)'\n', (byte)'\n'] or [(byte)'\n']),
            "do not end with one newline"
        );

    [Fact]
    public Task No_file_has_carriage_returns() => AssertAllAsync(bytes => !bytes.Contains((byte)'\r'), "have carriage returns");

    [Fact]
    public async Task All_code_is_laid_out_by_csharpier() =>
        (await Cli.RunAsync("dotnet", ["tool", "run", "csharpier", "check", "."], Repository.Root)).ShouldSucceed();

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
        // The template engine would evaluate the condition and remove the lines. In these two files only, it also evaluates conditions in
        // comments.
        foreach (var file in (await TextFilesAsync("content")).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
            Assert.DoesNotMatch(
                Path.GetFileName(file) is "Program.cs" or "Login.cshtml.cs" ? CompilerCondition() : Condition(),
                await File.ReadAllTextAsync(Path.Combine(Repository.Root, file))
            );
    }

    [Fact]
    public async Task No_test_waits_with_a_method_of_playwright_that_loses_events()
    {
        // The method checks first and subscribes afterwards, on another thread than the one that delivers the event
        // (microsoft/playwright-dotnet#3364). Assertions.Expect(page).ToHaveURLAsync checks again until the page has the address.
        foreach (var file in (await TextFilesAsync()).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
            Assert.DoesNotMatch(EventWait(), await File.ReadAllTextAsync(Path.Combine(Repository.Root, file)));
    }

    [Fact]
    public async Task Copied_files_have_no_word_that_the_template_replaces()
    {
        using var template = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, ".template.config", "template.json")));
        Assert.Equal(["tests/**/*.cs"], template.RootElement.GetProperty("sources")[0].GetProperty("copyOnly").Deserialize<string[]>()!);
        var words = template
            .RootElement.GetProperty("symbols")
            .EnumerateObject()
            .Where(symbol => symbol.Value.TryGetProperty("replaces", out _))
            .Select(symbol => symbol.Value.GetProperty("replaces").GetString()!)
            .Select(word => word.All(char.IsDigit) ? $"localhost:{word}" : word)
            .ToList();
        Assert.Contains("TokenSessionSite", words);

        foreach (var file in (await TextFilesAsync("content/tests")).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
        {
            var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, file));
            Assert.All(words, word => Assert.False(text.Contains(word, StringComparison.Ordinal), $"{file} says {word}."));
        }
    }

    [Fact]
    public async Task Nothing_is_left_to_do_in_the_content()
    {
        foreach (var file in await TextFilesAsync("content", ".template.config", "template"))
            Assert.DoesNotMatch(LeftToDo(), await File.ReadAllTextAsync(Path.Combine(Repository.Root, file)));
    }

    [Fact]
    public async Task No_file_names_a_package_registry_or_a_folder_of_a_developers_machine()
    {
        foreach (var file in await TextFilesAsync())
        {
            if (!file.EndsWith("HygieneTests.cs", StringComparison.Ordinal))
                Assert.False(Private().IsMatch(await File.ReadAllTextAsync(Path.Combine(Repository.Root, file))), $"{file} does");
        }
    }

    [Fact]
    public async Task Every_link_within_the_documents_has_a_target()
    {
        var tracked = (await Repository.TrackedFilesAsync(".")).ToHashSet(StringComparer.Ordinal);
        foreach (var document in tracked.Where(file => file.EndsWith(".md", StringComparison.Ordinal)))
        {
            foreach (var target in Link().Matches(await ReadAsync(document)).Select(match => match.Groups[1].Value).Where(IsLocal))
            {
                var parts = target.Split('#');
                var file = parts[0] is "" ? document : Repository.Resolve(document, parts[0]);
                Assert.True(
                    tracked.Contains(file) || tracked.Any(other => other.StartsWith($"{file}/", StringComparison.Ordinal)),
                    $"{document} -> {target}"
                );
                if (parts.Length > 1)
                    Assert.Contains(parts[1], Heading().Matches(await ReadAsync(file)).Select(match => Anchor(match.Groups[1].Value)));
            }
        }
    }

    [Fact]
    public async Task Every_task_that_a_document_or_a_workflow_names_is_there()
    {
        var build = await ReadAsync("build.cake");
        foreach (var file in (await TextFilesAsync()).Where(file => Path.GetExtension(file) is ".md" or ".yml"))
        {
            var text = await ReadAsync(file);
            var named = Target().Matches(text).Concat(WorkflowTask().Matches(text)).SelectMany(match => match.Groups[1].Value.Split(','));
            foreach (var task in named.Select(name => name.Trim()).Where(name => name is not "NAME"))
                Assert.True(
                    build.Contains($"Task(\"{task}\")", StringComparison.Ordinal),
                    $"{file} names the task {task}, which build.cake does not have."
                );
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

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(Repository.Root, file));

    private static bool IsLocal(string target) =>
        !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal);

    /// <summary>Returns the name of a heading in an address, as viewers of Markdown create it.</summary>
    private static string Anchor(string heading) => NoAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\.WaitFor(URL|LoadState|Navigation)Async")]
    private static partial Regex EventWait();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"--target=(\w+)")]
    private static partial Regex Target();

    [GeneratedRegex(@"\btask: \[?([\w, ]+)")]
    private static partial Regex WorkflowTask();

    [GeneratedRegex(@"^\s*#\s*(if|elif|else|endif)\b", RegexOptions.Multiline)]
    private static partial Regex CompilerCondition();

    [GeneratedRegex(@"^\s*(//)?\s*#\s*(if|elif|else|endif)\b", RegexOptions.Multiline)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LeftToDo();

    // The download address in a lock file, the address of a package feed, or the home folder of a user. A container image has /home/app.
    [GeneratedRegex(@"""resolved"":|//(registry|api|deb|packages)\.(?!example\.)[a-z]+\.[a-z]+|/root/|/home/(?!app/)[a-z]+/|C:\\Users")]
    private static partial Regex Private();
}
