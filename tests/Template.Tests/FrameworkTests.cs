using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The SDKs that can build a site, and the framework that it targets.</summary>
public sealed class FrameworkTests(TemplatePackage package)
{
    /// <summary>This machine has no SDK of a later major version, so global.json names an earlier version instead.</summary>
    [Theory]
    [InlineData("latestMajor", true)]
    [InlineData("latestFeature", false)]
    public async Task Global_json_accepts_an_SDK_of_a_later_major_version_only_with_latestMajor(string rollForward, bool isAccepted)
    {
        var site = await package.GenerateAsync("Acme.Web");
        var written = File.ReadAllText(Path.Combine(site.Root, "global.json"));
        Assert.Contains("\"version\": \"10.0.100\", \"rollForward\": \"latestMajor\"", written);
        var folder = package.NewFolder();
        var earlier = written.Replace("10.0.100", "9.0.100").Replace("latestMajor", rollForward);
        await File.WriteAllTextAsync(Path.Combine(folder, "global.json"), earlier);

        var run = await Cli.RunAsync("dotnet", ["--version"], folder);

        Assert.Equal(isAccepted, run.ExitCode is 0);
        Assert.Equal(!isAccepted, run.Output.Contains("A compatible .NET SDK was not found"));
    }

    [Fact]
    public void This_repository_accepts_the_same_SDKs_as_a_site() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(Repository.Content, "global.json")),
            File.ReadAllText(Path.Combine(Repository.Root, "global.json"))
        );

    [Fact]
    public async Task With_net11_all_projects_target_it_and_an_earlier_SDK_says_what_it_needs()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "Acme.Web", "--framework", "net11.0", "--no-restore");
        Assert.All(site.Files(), file => Assert.DoesNotContain("net10.0", File.ReadAllText(Path.Combine(site.Root, file))));
        var projects = Directory.GetFiles(site.Root, "*.csproj", SearchOption.AllDirectories);
        Assert.All(projects, project => Assert.DoesNotContain("TargetFramework", File.ReadAllText(project)));
        Assert.Contains("<TargetFramework>net11.0<", File.ReadAllText(Path.Combine(site.Root, "Directory.Build.props")));

        var build = await Cli.RunAsync("dotnet", ["build", site.SiteProject], site.Root);

        Assert.SkipWhen(build.ExitCode is 0, "The SDK of this machine has .NET 11.");
        Assert.Contains("NETSDK1045", build.Output);
        Assert.Contains("use a version of the .NET SDK that supports .NET 11.0", build.Output);
    }
}
