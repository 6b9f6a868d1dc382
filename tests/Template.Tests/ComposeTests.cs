using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>compose.yaml uses the same versions and settings as the tests. This test does not need Docker.</summary>
public sealed partial class ComposeTests
{
    [Fact]
    public async Task Directus_has_the_version_that_is_tested()
    {
        using var package = JsonDocument.Parse(await ReadAsync("tests/directus/package.json"));
        var tested = package.RootElement.GetProperty("dependencies").GetProperty("directus").GetString();

        Assert.Equal([$"directus/directus:{tested}"], await ImagesAsync("directus/directus"));
    }

    [Fact]
    public async Task Directus_is_set_up_as_in_the_tests()
    {
        var tested = await ReadAsync("tests/directus/directus.sh");
        var settings = Setting().Matches(After(await ComposeAsync(), "  directus:")).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(["SECRET", "ADMIN_EMAIL", "ADMIN_PASSWORD", "DB_CLIENT", "DB_FILENAME"], settings);
        Assert.All(settings, setting => Assert.Matches($"export .*{setting}=", tested));
        Assert.Contains("DB_CLIENT=sqlite3", tested);
        Assert.Contains("DB_CLIENT: sqlite3", await ComposeAsync());
    }

    [Fact]
    public async Task Redis_is_run_as_the_document_says_and_the_tests_do()
    {
        var document = await ReadAsync("docs/scale-out.md");
        var compose = await ComposeAsync();

        Assert.Equal([$"redis:{TestedRedis().Match(document).Groups[1].Value}"], await ImagesAsync("redis"));
        foreach (var setting in new[] { "appendonly yes", "maxmemory-policy noeviction" })
        {
            Assert.Contains($"`{setting}`", document);
            Assert.Contains($"--{setting}", compose);
        }

        foreach (
            var server in new[]
            {
                "content/tests/TokenSession.Site.Tests/Session/Redis/RedisServer.cs",
                "tests/Template.Tests/Infrastructure/RedisProcess.cs",
            }
        )
            Assert.Contains("\"--maxmemory-policy\", \"noeviction\"", await ReadAsync(server));
    }

    [Fact]
    public async Task Every_setting_of_a_node_is_one_that_the_site_has()
    {
        var compose = await ComposeAsync();
        var node = compose[..compose.IndexOf("\nservices:", StringComparison.Ordinal)];
        var settings = Setting().Matches(node).Select(match => match.Groups[1].Value).Distinct().ToList();
        var source = string.Join(
            '\n',
            await Task.WhenAll(
                (await Repository.TrackedFilesAsync("content/src"))
                    .Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
                    .Select(ReadAsync)
            )
        );

        Assert.Equal(
            ["Backend__Url", "ConnectionStrings__Redis", "TokenSession__AllowInsecureHttp", "ASPNETCORE_FORWARDEDHEADERS_ENABLED"],
            settings
        );
        foreach (
            var (section, name) in settings
                .Where(setting => setting.Contains("__"))
                .Select(setting => (setting.Split("__")[0], setting.Split("__")[1]))
        )
        {
            if (section is "ConnectionStrings")
                Assert.Contains($"GetConnectionString(\"{name}\")", source);
            else
                Assert.Matches($@"class {section}Options\b[\s\S]*? {name} \{{ get;", source);
        }
    }

    [Fact]
    public async Task The_nodes_run_the_image_that_the_project_names()
    {
        var project = await ReadAsync("content/src/TokenSession.Site/TokenSession.Site.csproj");
        var compose = await ComposeAsync();

        Assert.Contains("<ContainerRepository>tokensession_site</ContainerRepository>", project);
        Assert.Contains("\n  image: \"tokensession_site\"\n", compose);
        // The default is the name of the folder, which may have no character that is allowed here.
        Assert.Contains("\nname: \"tokensession_site\"\n", compose);
    }

    [Fact]
    public async Task The_proxy_sends_to_every_node()
    {
        var compose = await ComposeAsync();

        var nodes = Node().Matches(compose).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(2, nodes.Count);
        Assert.All(nodes, node => Assert.Contains($"--to {node}:8080", compose));
        Assert.Contains($"depends_on: [{string.Join(", ", nodes)}]", compose);
    }

    private static async Task<IEnumerable<string>> ImagesAsync(string name) =>
        Image()
            .Matches(await ComposeAsync())
            .Select(match => match.Groups[1].Value)
            .Where(image => image.StartsWith($"{name}:", StringComparison.Ordinal));

    private static string After(string text, string line) => text[(text.IndexOf($"\n{line}\n", StringComparison.Ordinal) + line.Length)..];

    private static Task<string> ComposeAsync() => ReadAsync("content/compose.yaml");

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(Repository.Root, file));

    [GeneratedRegex(@"^\s+image: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Image();

    [GeneratedRegex(@"^\s+([A-Z]\w+): ", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex(@"^  (\w+):\n    <<: \*node$", RegexOptions.Multiline)]
    private static partial Regex Node();

    [GeneratedRegex(@"Tested with Redis (\d+)\.")]
    private static partial Regex TestedRedis();
}
