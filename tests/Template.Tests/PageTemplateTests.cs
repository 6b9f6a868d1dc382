using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>`dotnet new tokensession-page` adds a page with its restriction and its test to an existing site.</summary>
[Collection(typeof(GrownSiteCollection))]
public sealed class PageTemplateTests(TemplatePackage package, GrownSite grown)
{
    [Fact]
    public async Task Pages_of_each_kind_pass_their_tests_in_a_site_of_any_name()
    {
        string[] pages = ["Reports", "class", "_1st_page", "Task"];
        string[] ours = [.. GeneratedSite.Filter("--filter-class", pages.Select(page => $"Tests.Pages.{page}Tests"))];

        var run = (await grown.Site.TestOnlyAsync(ours)).ShouldSucceed();

        Assert.Contains("succeeded: 8", run.Output);
        Assert.Contains("skipped: 0", run.Output);
    }

    [Fact]
    public void A_page_is_three_files_in_their_folders()
    {
        var added = grown.Site.Files().Where(file => Path.GetFileName(file).StartsWith("Reports", StringComparison.Ordinal));

        Assert.Equal(
            [
                "src/Acme.class.Site-2.0/Pages/Reports.cshtml",
                "src/Acme.class.Site-2.0/Pages/Reports.cshtml.cs",
                "tests/Acme.class.Site-2.0.Tests/Pages/ReportsTests.cs",
            ],
            added
        );
    }

    [Theory]
    [InlineData("Reports", "[RequireSession]")]
    [InlineData("class", "[GuestsOnly]")]
    [InlineData("Task", null)]
    public void A_page_says_for_whom_it_is_in_one_line_and_nothing_of_the_template_is_left(string page, string? attribute)
    {
        var model = File.ReadAllText(Path.Combine(grown.Site.SiteFolder, "Pages", $"{page}.cshtml.cs"));
        var test = Directory.GetFiles(grown.Site.Root, $"{page}Tests.cs", SearchOption.AllDirectories).Single();

        Assert.Contains("namespace Acme.class_.Site_2._0.Pages;", model);
        if (attribute is null)
            Assert.DoesNotContain("[", model);
        else
            Assert.Contains($"\n{attribute}\npublic sealed class {page}Model : PageModel;", model);
        Assert.DoesNotMatch("#if|#else|#endif|SiteNamespace|PageName|ProjectFile", model + File.ReadAllText(test));
    }

    [Fact]
    public async Task An_existing_page_is_not_overwritten()
    {
        var page = Path.Combine(grown.Site.SiteFolder, "Pages", "Login.cshtml");
        var before = File.ReadAllText(page);

        var refusal = await package.NewAsync(grown.Site.SiteFolder, "tokensession-page", "-n", "Login");

        Assert.NotEqual(0, refusal.ExitCode);
        Assert.Contains("--force", refusal.Output);
        Assert.Equal(before, File.ReadAllText(page));
    }

    [Fact]
    public async Task Outside_a_project_it_refuses_says_why_and_writes_nothing()
    {
        var folder = package.NewFolder();

        var refusal = await package.NewAsync(folder, "tokensession-page", "-n", "Reports");

        Assert.NotEqual(0, refusal.ExitCode);
        Assert.Contains("This template can only be created inside the project", refusal.Output);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task Without_its_test_it_is_for_sites_that_have_none()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "Acme.Web", "--tests", "false");

        (await package.NewAsync(site.SiteFolder, "tokensession-page", "-n", "Reports", "--test", "false")).ShouldSucceed();

        Assert.True(File.Exists(Path.Combine(site.SiteFolder, "Pages", "Reports.cshtml")));
        Assert.False(Directory.Exists(Path.Combine(site.Root, "tests")));
    }
}
