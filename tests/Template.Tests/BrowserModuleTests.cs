using System.IO.Compression;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The scripts that every generated site receives: typed by their comments, linted, and small.</summary>
public sealed class BrowserModuleTests(BrowserTools tools, TemplatePackage package) : IClassFixture<BrowserTools>
{
    private const int Limit = 2048;

    private static readonly string Config = Path.Combine(Repository.Root, "tests", "browser-module");
    private static readonly string Scripts = Path.Combine(Repository.Content, "src", "TokenSession.Site", "wwwroot", "js");

    [Fact]
    public async Task Types_hold_strictly() => (await tools.RunAsync("tsc", "--project", Config)).ShouldSucceed();

    [Fact]
    public async Task The_linter_has_nothing_to_say() =>
        (await tools.RunAsync("biome", "lint", "--error-on-warnings", "--config-path", Config, Scripts)).ShouldSucceed();

    [Fact]
    public async Task Both_are_content_with_the_scripts_of_a_site_without_the_sample()
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
    public async Task The_module_without_its_comments_is_at_most_two_kilobytes_gzipped()
    {
        using var scratch = new Scratch();
        var module = Path.Combine(Scripts, "token-session.js");
        string[] options = ["--allowJs", "--target", "esnext", "--module", "esnext", "--removeComments", "--ignoreConfig"];
        (await tools.RunAsync("tsc", [.. options, "--outDir", scratch.Root, module])).ShouldSucceed();

        var stripped = await File.ReadAllBytesAsync(Path.Combine(scratch.Root, "token-session.js"));
        using var gzipped = new MemoryStream();
        using (var gzip = new GZipStream(gzipped, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(stripped);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"token-session.js, comments stripped and gzipped: {gzipped.Length} bytes of at most {Limit}"
        );
        Assert.DoesNotContain("//", System.Text.Encoding.UTF8.GetString(stripped));
        Assert.InRange(gzipped.Length, 1024, Limit);
    }
}
