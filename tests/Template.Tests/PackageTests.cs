using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The package contains all files that git tracks, and no other files.</summary>
public sealed class PackageTests(TemplatePackage package)
{
    private const int Limit = 640_000;

    [Fact]
    public async Task It_contains_every_tracked_file_and_nothing_else()
    {
        var tracked = await Repository.TrackedFilesAsync(".template.config", "content", "template/page");
        using var zip = ZipFile.OpenRead(package.PackageFile);

        var packed = zip.Entries.Select(entry => Uri.UnescapeDataString(entry.FullName)).Where(entry => !IsOfThePackage(entry));

        Assert.Equal(tracked.Order(StringComparer.Ordinal), packed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("content/.gitignore")]
    [InlineData("content/.editorconfig")]
    [InlineData("content/.github/workflows/ci.yml")]
    [InlineData(".template.config/template.json")]
    [InlineData("template/page/.template.config/template.json")]
    [InlineData(".template.config/icon.png")]
    public void It_contains_the_files_that_packing_often_loses(string file)
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
    public void It_is_small() => Assert.InRange(new FileInfo(package.PackageFile).Length, 1, Limit);

    [Fact]
    public void It_names_its_purpose_its_author_and_its_commit()
    {
        var metadata = Metadata(package.PackageFile);

        foreach (var name in new[] { "id", "version", "title", "authors", "description", "readme", "tags" })
            Assert.False(string.IsNullOrWhiteSpace(Value(metadata, name)), $"The package says nothing of its {name}.");
        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.Equal("expression", (string?)Element(metadata, "license")!.Attribute("type"));
        Assert.Equal("Template", (string?)Element(metadata, "packageTypes")?.Elements().Single().Attribute("name"));
        Assert.Matches("^[0-9a-f]{40}$", (string?)Element(metadata, "repository")?.Attribute("commit"));
    }

    [Fact]
    public void It_contains_its_icon_once()
    {
        using var zip = ZipFile.OpenRead(package.PackageFile);
        var icon = Value(Metadata(package.PackageFile), "icon");

        Assert.Equal(icon, Assert.Single(zip.Entries, entry => entry.Name == "icon.png").FullName);
    }

    [Fact]
    public void Its_release_notes_are_those_of_this_version_in_the_changelog()
    {
        var changelog = File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md"));
        var metadata = Metadata(package.PackageFile);

        var notes = Value(metadata, "releaseNotes")!;

        Assert.Contains("\n- ", notes);
        Assert.DoesNotContain("\n## ", notes);
        Assert.Contains($"\n## {Value(metadata, "version")}", changelog);
        Assert.Contains(notes, changelog);
    }

    [Theory]
    [InlineData("README.md", "TokenSession.Template.{0}.nupkg")]
    [InlineData("content/README.md", "TokenSession.Template {0}, with:")]
    [InlineData("docs/upgrading.md", "TokenSession.Template@{0}")]
    public void The_documents_name_its_version(string file, string text)
    {
        var version = Value(Metadata(package.PackageFile), "version");

        Assert.Contains(string.Format(CultureInfo.InvariantCulture, text, version), File.ReadAllText(Path.Combine(Repository.Root, file)));
    }

    [Fact]
    public async Task Its_readme_shows_the_picture_and_the_documents_of_its_own_commit_at_the_repository()
    {
        const string Url = "https://github.com/example/tokensession";
        var file = await TemplatePackage.PackAsync(package.NewFolder(), $"-p:RepositoryUrl={Url}.git");
        var repository = Element(Metadata(file), "repository")!;
        var commit = (string?)repository.Attribute("commit");

        var readme = Readme(file);

        Assert.Equal($"{Url}.git", (string?)repository.Attribute("url"));
        Assert.Contains($"](https://raw.githubusercontent.com/example/tokensession/{commit}/docs/site.png)", readme);
        Assert.Contains($"]({Url}/blob/{commit}/docs/session.md)", readme);
        Assert.DoesNotContain("](../", readme);
    }

    [Fact]
    public async Task Without_a_known_repository_its_readme_has_no_broken_link()
    {
        var file = await TemplatePackage.PackAsync(package.NewFolder(), "-p:RepositoryUrl=https://git.example.com/tokensession");

        var readme = Readme(file);

        Assert.DoesNotMatch(@"\]\((?!https://)", readme);
        Assert.Contains("How a session is kept", readme);
        Assert.Contains("dotnet new install TokenSession.Template", readme);
    }

    // Files of the package format, and the README that the gallery shows.
    private static bool IsOfThePackage(string entry) =>
        entry.StartsWith("_rels/", StringComparison.Ordinal)
        || entry.StartsWith("package/", StringComparison.Ordinal)
        || entry is "[Content_Types].xml" or "TokenSession.Template.nuspec" or "README.md";

    private static XElement Metadata(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        using var nuspec = zip.GetEntry("TokenSession.Template.nuspec")!.Open();
        return XDocument.Load(nuspec).Root!.Elements().Single();
    }

    private static string Readme(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        using var reader = new StreamReader(zip.GetEntry("README.md")!.Open());
        return reader.ReadToEnd();
    }

    private static XElement? Element(XElement parent, string name) =>
        parent.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    private static string? Value(XElement parent, string name) => Element(parent, name)?.Value;
}
