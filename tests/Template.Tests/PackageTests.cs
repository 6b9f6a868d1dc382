using System.IO.Compression;
using System.Xml.Linq;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The package carries what git tracks, all of it and nothing else.</summary>
public sealed class PackageTests(TemplatePackage package)
{
    [Fact]
    public async Task It_holds_every_tracked_file_and_nothing_else()
    {
        var tracked = await Repository.TrackedFilesAsync(".template.config", "content");
        using var zip = ZipFile.OpenRead(package.PackageFile);

        var packed = zip.Entries.Select(entry => Uri.UnescapeDataString(entry.FullName)).Where(entry => !IsOfThePackage(entry));

        Assert.Equal(tracked.Order(StringComparer.Ordinal), packed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("content/.gitignore")]
    [InlineData("content/.editorconfig")]
    [InlineData(".template.config/template.json")]
    [InlineData("icon.png")]
    public void It_holds_the_files_that_packing_likes_to_lose(string file)
    {
        using var zip = ZipFile.OpenRead(package.PackageFile);

        Assert.NotNull(zip.GetEntry(file));
    }

    [Fact]
    public async Task Packed_twice_it_is_the_same_byte_for_byte()
    {
        var again = await TemplatePackage.PackAsync(package.NewFolder());

        Assert.Equal(File.ReadAllBytes(package.PackageFile), File.ReadAllBytes(again));
    }

    [Fact]
    public void It_is_small() => Assert.InRange(new FileInfo(package.PackageFile).Length, 1, 240_000);

    [Fact]
    public void It_says_what_it_is_whose_and_from_which_commit()
    {
        using var zip = ZipFile.OpenRead(package.PackageFile);
        using var nuspec = zip.GetEntry("TokenSession.Template.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();

        foreach (var name in new[] { "id", "version", "title", "description", "license", "icon", "readme", "releaseNotes", "tags" })
            Assert.False(string.IsNullOrWhiteSpace(Value(metadata, name)), $"The package says nothing of its {name}.");
        Assert.Equal("Template", (string?)Element(metadata, "packageTypes")?.Elements().Single().Attribute("name"));
        Assert.Matches("^[0-9a-f]{40}$", (string?)Element(metadata, "repository")?.Attribute("commit"));
    }

    // Files of the package format itself, and the three that the gallery shows.
    private static bool IsOfThePackage(string entry) =>
        entry.StartsWith("_rels/", StringComparison.Ordinal)
        || entry.StartsWith("package/", StringComparison.Ordinal)
        || entry is "[Content_Types].xml" or "TokenSession.Template.nuspec" or "icon.png" or "README.md";

    private static XElement? Element(XElement parent, string name) =>
        parent.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    private static string? Value(XElement parent, string name) => Element(parent, name)?.Value;
}
