using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>AGENTS.md is short, and what it names is in the site. GeneratedTestsTests runs its commands.</summary>
public sealed partial class AgentsTests(TemplatePackage package)
{
    private const int Lines = 60;

    [Theory]
    [InlineData("custom", "true", "true", "true")]
    [InlineData("custom", "false", "true", "false")]
    [InlineData("directus", "true", "false", "false")]
    [InlineData("identity", "true", "true", "false")]
    public async Task What_it_names_is_there(string backend, string tests, string account, string redis)
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options(backend, tests, account: account, redis: redis));
        var document = Read(site);
        var code = string.Concat(
            site.Files()
                .Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
                .Select(file => File.ReadAllText(Path.Combine(site.Root, file)))
        );
        var named = Code().Matches(document).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.InRange(document.Split('\n').Length, 20, Lines);
        Assert.Equal(tests is "true", document.Contains("dotnet test", StringComparison.Ordinal));
        Assert.InRange(named.Count(IsPath), 10, 30);
        Assert.All(named.Where(IsPath), path => Assert.True(Exists(site, path), $"{path} is not there."));
        Assert.All(
            named.Where(name => !IsPath(name)).SelectMany(name => Identifier().Matches(name)).Select(match => match.Value),
            name => Assert.Matches($@"\b{name}\b", code)
        );
    }

    public static IReadOnlyList<string> CommandsOf(GeneratedSite site) =>
        Block().Match(Read(site)).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Read(GeneratedSite site) => File.ReadAllText(Path.Combine(site.Root, "AGENTS.md"));

    private static bool IsPath(string name) => name.Contains('/') || Path.GetExtension(name) is ".cs" or ".md" or ".props";

    private static bool Exists(GeneratedSite site, string path) =>
        new[] { site.Root, site.SiteFolder }
            .Select(folder => Path.Combine(folder, path))
            .Any(path => File.Exists(path) || Directory.Exists(path));

    // Not what is between two pieces of code.
    [GeneratedRegex(@"(?<!`)`([^`\n]+)`(?!`)")]
    private static partial Regex Code();

    [GeneratedRegex(@"[A-Za-z]\w+")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^```\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
