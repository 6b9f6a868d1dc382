using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A site is often generated in a folder below other build files. The site has its own build files, so the props of the other
/// files do not apply to it.</summary>
public sealed class SurroundingsTests(TemplatePackage package)
{
    [Fact]
    public async Task In_a_folder_with_central_packages_and_other_build_files_it_builds()
    {
        var folder = package.NewFolder();
        File.WriteAllText(
            Path.Combine(folder, "Directory.Packages.props"),
            """
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup><PackageVersion Include="Refit" Version="1.0.0" /></ItemGroup>
            </Project>
            """
        );
        File.WriteAllText(
            Path.Combine(folder, "Directory.Build.props"),
            "<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework><LangVersion>7.3</LangVersion></PropertyGroup></Project>"
        );
        var site = await package.GenerateInAsync(folder, "Acme.Web");

        var build = (await site.BuildAsync()).ShouldSucceed();

        Assert.Contains("0 Warning(s)", build.Output);
        Assert.True(File.Exists(site.SiteAssembly), $"{site.SiteAssembly} was not built.");
    }
}
