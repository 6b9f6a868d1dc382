using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The template is found under its short name, from the package and from the repository itself.</summary>
public sealed class InstallTests(TemplatePackage package)
{
    [Fact]
    public async Task The_package_brings_the_site_and_the_page_once_and_the_help_names_every_option()
    {
        var folder = package.NewFolder();
        var list = (await package.NewAsync(folder, "list", "tokensession", "--ignore-constraints")).ShouldSucceed();
        var help = (await package.NewAsync(folder, "tokensession", "--help")).ShouldSucceed();

        AssertBothOnce(list);
        Assert.All(Options(), option => Assert.Contains($"{option} ", help.Output));
    }

    [Fact]
    public async Task The_repository_itself_can_be_installed_and_writes_the_same_files_as_the_package()
    {
        var folder = package.NewFolder();
        string[] hive = ["--debug:custom-hive", Path.Combine(folder, "hive")];
        var install = await Cli.RunAsync("dotnet", ["new", "install", Repository.Root, .. hive], folder);
        install.ShouldSucceed();
        Assert.DoesNotContain("rror:", install.Output);
        Assert.DoesNotContain("arning:", install.Output);
        AssertBothOnce(await Cli.RunAsync("dotnet", ["new", "list", "tokensession", "--ignore-constraints", .. hive], folder));
        string[] arguments = ["new", "tokensession", "-n", "Acme.Web", "--no-restore", "--no-update-check", .. hive];

        (await Cli.RunAsync("dotnet", arguments, folder)).ShouldSucceed();

        var fromFolder = new GeneratedSite("Acme.Web", Path.Combine(folder, "Acme.Web"));
        var fromPackage = await package.GenerateAsync("Acme.Web");
        Assert.Empty(fromPackage.Files().Except(fromFolder.Files()));
        // Between two commits, the folder may have more files: a file that exists and is not ignored will be tracked.
        var ignored = fromFolder.Files().Except(fromPackage.Files()).Except(await UntrackedAsync());
        Assert.Empty(ignored);
    }

    /// <summary>The options as the help of `dotnet new` writes them, such as "-f, --framework".</summary>
    private static IEnumerable<string> Options()
    {
        var file = File.ReadAllText(Path.Combine(Repository.Root, ".template.config", "dotnetcli.host.json"));
        foreach (var symbol in JsonElement.Parse(file).GetProperty("symbolInfo").EnumerateObject())
        {
            var shortName = symbol.Value.GetProperty("shortName").GetString();
            yield return $"{(shortName is "" ? "" : $"-{shortName}, ")}--{symbol.Value.GetProperty("longName")}";
        }
    }

    private static void AssertBothOnce(CliResult list)
    {
        foreach (var name in new[] { " tokensession ", " tokensession-page " })
            Assert.Single(list.Output.Split('\n'), line => line.Contains(name, StringComparison.Ordinal));
    }

    private static async Task<IEnumerable<string>> UntrackedAsync()
    {
        var listing = await Cli.RunAsync("git", ["ls-files", "--others", "--exclude-standard", "--", "content"], Repository.Root);
        return listing
            .ShouldSucceed()
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(file => file["content/".Length..].Replace("TokenSession.Site", "Acme.Web"));
    }
}
