using System.IO.Compression;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The scripts of every generated site have types in their comments, no lint errors, and a limited size.</summary>
public sealed class BrowserModuleTests(BrowserTools tools, TemplatePackage package) : IClassFixture<BrowserTools>
{
    private static readonly string Config = Path.Combine(Repository.Root, "tests", "browser-module");
    private static readonly string Scripts = Path.Combine(Repository.Content, "src", "TokenSession.Site", "wwwroot", "js");

    [Fact]
    public async Task Types_hold_strictly() => (await tools.RunAsync("tsc", "--project", Config)).ShouldSucceed();

    [Fact]
    public async Task The_linter_reports_nothing() =>
        (await tools.RunAsync("biome", "lint", "--error-on-warnings", "--config-path", Config, Scripts)).ShouldSucceed();

    [Fact]
    public async Task The_scripts_of_a_site_without_the_sample_pass_both()
    {
        var site = await package.GenerateAsync("Acme.Web", "--sample", "false");
        var scripts = Path.Combine(site.SiteFolder, "wwwroot", "js");
        using var scratch = new Scratch();
        var config = Path.Combine(scratch.Root, "tsconfig.json");
        var types = new { extends = Path.Combine(Config, "tsconfig.json"), include = new[] { Path.Combine(scripts, "*.js") } };
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(types));

        (await tools.RunAsync("tsc", "--project", config)).ShouldSucceed();
        (await tools.RunAsync("biome", "lint", "--error-on-warnings", "--config-path", Config, scripts)).ShouldSucceed();
    }

    [Fact]
    public async Task The_unit_tests_pass() =>
        (await Cli.RunAsync("node", ["--test", Path.Combine(Config, "token-session.test.mjs")], Repository.Root)).ShouldSucceed();

    /// <summary>The scripts of a site import token-session.js, which imports three more files.</summary>
    [Theory]
    [InlineData(2048, "token-session.js")]
    [InlineData(3750, "token-session.js", "session-state.js", "session-requests.js", "session-page.js")]
    public async Task The_module_without_its_comments_is_small_when_gzipped(int limit, params string[] files)
    {
        using var scratch = new Scratch();
        string[] options = ["--allowJs", "--target", "esnext", "--module", "esnext", "--removeComments", "--ignoreConfig"];
        var module = Path.Combine(Scripts, "token-session.js");
        (await tools.RunAsync("tsc", [.. options, "--outDir", scratch.Root, module])).ShouldSucceed();
        using var gzipped = new MemoryStream();
        using (var gzip = new GZipStream(gzipped, CompressionLevel.SmallestSize, leaveOpen: true))
            foreach (var file in files)
            {
                var stripped = await File.ReadAllTextAsync(Path.Combine(scratch.Root, file));
                Assert.DoesNotContain("//", stripped);
                gzip.Write(System.Text.Encoding.UTF8.GetBytes(stripped));
            }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{string.Join(" + ", files)}, comments stripped and gzipped: {gzipped.Length} bytes of at most {limit}"
        );
        Assert.InRange(gzipped.Length, 1024, limit);
    }
}
