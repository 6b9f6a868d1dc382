namespace Template.Tests;

/// <summary>A site is often generated in a folder below other build files. The site has its own build files, so the props of the other
/// files do not apply to it.</summary>
[Collection(typeof(GrownSiteCollection))]
public sealed class SurroundingsTests(GrownSite grown)
{
    [Fact]
    public async Task In_a_folder_with_central_packages_and_other_build_files_it_builds()
    {
        var build = (await grown.Site.BuildAsync()).ShouldSucceed();

        Assert.Contains("0 Warning(s)", build.Output);
        Assert.True(File.Exists(grown.Site.SiteAssembly), $"{grown.Site.SiteAssembly} was not built.");
    }
}
