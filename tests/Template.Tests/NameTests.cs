using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>For any name that a user may enter, files, namespaces and cookies get a valid form of the name.</summary>
public sealed partial class NameTests(TemplatePackage package)
{
    [Theory]
    [MemberData(nameof(Names.Tamed), MemberType = typeof(Names))]
    public async Task A_name_is_converted_for_files_namespaces_and_cookies_and_nothing_of_the_templates_own_name_is_left(
        string name,
        string file,
        string rootNamespace,
        string prefix
    )
    {
        var parent = package.NewFolder();
        var inside = Directory.CreateDirectory(Path.Combine(parent, "inside")).FullName;
        (await package.NewAsync(inside, "tokensession", "-n", name, "--no-restore")).ShouldSucceed();

        var site = new GeneratedSite(name, Path.Combine(inside, name));
        Assert.Equal(file, site.FileName);
        var project = File.ReadAllText(site.SiteProject);
        Assert.Contains($"<RootNamespace>{rootNamespace}</RootNamespace>", project);
        var options = File.ReadAllText(Path.Combine(site.SiteFolder, "Session", "TokenSessionOptions.cs"));
        Assert.Contains($"CookiePrefix {{ get; set; }} = \"{prefix}\"", options);
        Assert.Contains($"<ContainerRepository>{prefix}</ContainerRepository>", project);
        Assert.Matches(ImageName(), prefix);
        foreach (var written in site.Files())
        {
            Assert.DoesNotMatch(Leftover(), written);
            Assert.DoesNotMatch(Leftover(), File.ReadAllText(Path.Combine(site.Root, written)));
        }
    }

    [Theory]
    [MemberData(nameof(Names.All), MemberType = typeof(Names))]
    public async Task A_site_of_any_name_builds_without_a_warning(string name)
    {
        var site = await GenerateAsync(name);

        var build = (await site.BuildAsync()).ShouldSucceed();

        Assert.Contains("0 Warning(s)", build.Output);
    }

    [Theory]
    [MemberData(nameof(Names.All), MemberType = typeof(Names))]
    public async Task A_site_of_any_name_serves_its_pages_styles_and_scripts(string name)
    {
        var site = await GenerateAsync(name);
        await using var running = await RunningSite.StartAsync(site, new Dictionary<string, string?>());
        using var browser = new HttpClient { BaseAddress = running.BaseAddress };

        var page = await browser.GetStringAsync("/login");

        var assets = Asset().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains(assets, asset => asset.Contains(".css"));
        Assert.Contains(assets, asset => asset.Contains(".js"));
        foreach (var asset in assets)
            Assert.True((await browser.GetAsync(asset)).IsSuccessStatusCode, $"{asset} is not served:\n{running.Output}");
    }

    // The code of the tests is the same in every site. Only their project files contain the name.
    private Task<GeneratedSite> GenerateAsync(string name) => package.GenerateAsync(name, Names.OptionsOf(name));

    // A path component of the OCI distribution specification.
    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$")]
    private static partial Regex ImageName();

    [GeneratedRegex(@"TokenSession\.Site|TokenSessionSite|tokensession_site|#if|#endif|#else")]
    private static partial Regex Leftover();

    [GeneratedRegex("(?:href|src)=\"(/[^\"]+\\.(?:css|js|mjs)[^\"]*)\"")]
    private static partial Regex Asset();
}
