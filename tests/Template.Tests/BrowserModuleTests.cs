using System.IO.Compression;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The scripts that every generated site receives: typed by their comments, linted, and small.</summary>
public sealed class BrowserModuleTests(BrowserTools tools) : IClassFixture<BrowserTools>
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
