using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A site in a folder with central packages and other build files. It has one more page of each kind, and one page whose name has to
/// be converted.</summary>
public sealed class GrownSite(TemplatePackage package) : IAsyncLifetime
{
    public GeneratedSite Site { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var folder = package.NewFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "Directory.Packages.props"),
            """
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup><PackageVersion Include="Refit" Version="1.0.0" /></ItemGroup>
            </Project>
            """
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder, "Directory.Build.props"),
            "<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework><LangVersion>7.3</LangVersion></PropertyGroup></Project>"
        );
        Site = await package.GenerateInAsync(folder, "Acme.class.Site-2.0");
        await AddAsync("Reports");
        await AddAsync("class", "--restrict", "guests");
        await AddAsync("1st page", "--restrict", "signed-in");
        await AddAsync("Task", "--restrict", "none");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task AddAsync(string name, params string[] options) =>
        (await package.NewAsync(Site.SiteFolder, ["tokensession-page", "-n", name, .. options])).ShouldSucceed();
}

[CollectionDefinition]
public sealed class GrownSiteCollection : ICollectionFixture<GrownSite>;
