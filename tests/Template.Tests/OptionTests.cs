using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>Each option has the documented effect and no other effect.</summary>
public sealed partial class OptionTests(TemplatePackage package)
{
    [Theory]
    [InlineData("Acme.Web", "custom", "true", "true", "true", "true")]
    [InlineData("My App", "custom", "true", "false", "false", "false")]
    [InlineData("my-app", "custom", "false", "false", "true", "false")]
    [InlineData("Acme.Web", "directus", "true", "true", "true", "false")]
    [InlineData("Acme.class.Site-2.0", "directus", "true", "false", "true", "true")]
    [InlineData("1site", "directus", "false", "true", "false", "false")]
    [InlineData("Acme.Web", "identity", "true", "true", "true", "false")]
    [InlineData("Session", "identity", "false", "false", "false", "true")]
    public async Task Every_pair_of_choices_builds_without_a_warning(
        string name,
        string backend,
        string tests,
        string sample,
        string account,
        string redis
    )
    {
        var site = await package.GenerateAsync(name, Options(backend, tests, sample, account, redis));

        var build = (await site.BuildAsync()).ShouldSucceed();

        Assert.Contains("0 Warning(s)", build.Output);
    }

    [Theory]
    [InlineData("custom", "Directus", "Identity")]
    [InlineData("directus", "Custom", "Identity")]
    [InlineData("identity", "Custom", "Directus")]
    public async Task Only_the_chosen_backends_files_are_there(string backend, params string[] others)
    {
        var site = await package.GenerateAsync("Acme.Web", Options(backend, account: "true"));

        var names = site.Files().Select(file => Path.GetFileName(file)).ToList();

        Assert.Contains(names, name => name.StartsWith(backend, StringComparison.OrdinalIgnoreCase));
        Assert.All(others, other => Assert.DoesNotContain(names, name => name.StartsWith(other, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_tracked_file_of_the_content_is_in_the_site_of_a_backend()
    {
        var files = new List<string>();
        foreach (var backend in new[] { "custom", "directus", "identity" })
            files.AddRange((await package.GenerateAsync("Acme.Web", Options(backend, account: "true", redis: "true"))).Files());
        var tracked = await Repository.TrackedFilesAsync("content");

        // Garnet is a tool of this repository.
        Assert.Equal(
            tracked
                .Where(file => !file.EndsWith("/GarnetTests.cs", StringComparison.Ordinal))
                .Select(file => file["content/".Length..].Replace("TokenSession.Site", "Acme.Web"))
                .Order(StringComparer.Ordinal),
            files.Distinct().Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task The_readme_describes_the_chosen_backend()
    {
        var identity = Read(await package.GenerateAsync("Acme.Web", Options("identity", "true")), "README.md");
        var custom = Read(await package.GenerateAsync("Acme.Web"), "README.md");

        Assert.Contains("enter the path in `IIdentityAuthApi.Path` (`src/Acme.Web/Backend/IdentityBackend.cs`)", identity);
        Assert.Contains("It does not end tokens at the API", identity);
        Assert.DoesNotContain("a sign-out revokes the refresh token", identity);
        Assert.Contains("a sign-out revokes the refresh token", custom);
        Assert.DoesNotContain("Identity", custom);
        Assert.All([identity, custom], readme => Assert.DoesNotContain("#if", readme));
    }

    [Fact]
    public async Task Without_tests_no_file_mentions_them()
    {
        var site = await package.GenerateAsync("Acme.Web", Options("custom", "false", account: "true"));

        Assert.DoesNotContain(site.Files(), file => file.StartsWith("tests/", StringComparison.Ordinal));
        Assert.DoesNotContain("tests/", File.ReadAllText(site.Solution));
        Assert.DoesNotContain("xunit", Read(site, "Directory.Packages.props"));
        foreach (var file in new[] { "README.md", "AGENTS.md", ".github/workflows/ci.yml" })
        {
            Assert.DoesNotContain("dotnet test", Read(site, file));
            Assert.DoesNotContain("tests/", Read(site, file));
        }

        foreach (var file in site.Files().Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Append(".editorconfig"))
        {
            Assert.DoesNotMatch(@"\b[Tt]ests\b|Tests\b", Read(site, file));
        }

        var readme = Read(site, "README.md");
        Assert.Contains("dotnet new tokensession-page -n Reports --restrict signed-in --test false", readme);
    }

    [Fact]
    public async Task Without_the_sample_nothing_is_left_of_it_but_one_protected_page()
    {
        var sample = await package.GenerateAsync("Acme.Web");
        var site = await package.GenerateAsync("Acme.Web", Options("custom", "true", "false"));
        string[] pages = [.. site.Files().Where(file => file.EndsWith(".cshtml", StringComparison.Ordinal))];

        Assert.Empty(site.Files().Except(sample.Files()));
        Assert.Equal(
            [
                "src/Acme.Web/Pages/App/Index.cshtml",
                "src/Acme.Web/Pages/Error.cshtml",
                "src/Acme.Web/Pages/Index.cshtml",
                "src/Acme.Web/Pages/KeptForm.cshtml",
                "src/Acme.Web/Pages/Login.cshtml",
                "src/Acme.Web/Pages/Logout.cshtml",
            ],
            pages.Where(page => Read(site, page).StartsWith("@page", StringComparison.Ordinal))
        );
        Assert.All(site.Files(), file => Assert.DoesNotMatch(OfTheSample(), $"{file}\n{Read(site, file)}"));
        Assert.Contains("/app", Read(site, "src/Acme.Web/Pages/App/Index.cshtml"));
        Assert.Contains(".RequireSession(\"/App\")", Read(site, "src/Acme.Web/Program.cs"));
        // The files and words of the sample still have the names in this test.
        Assert.Contains(sample.Files(), file => file.EndsWith("InspectorTests.cs", StringComparison.Ordinal));
        Assert.Matches(OfTheSample(), Read(sample, "src/Acme.Web/Pages/App/Index.cshtml"));
    }

    [Theory]
    [InlineData("custom", "true")]
    [InlineData("directus", "false")]
    [InlineData("identity", "false")]
    public async Task Without_the_account_pages_nothing_is_left_of_them(string backend, string sample)
    {
        var account = await package.GenerateAsync("Acme.Web", Options(backend, sample: sample, account: "true"));
        var site = await package.GenerateAsync("Acme.Web", Options(backend, sample: sample));

        Assert.Empty(site.Files().Except(account.Files()));
        Assert.All(site.Files(), file => Assert.DoesNotMatch(OfTheAccountPages(), $"{file}\n{Read(site, file)}"));
        // Its files and words still have the names in this test.
        Assert.All(
            (string[])["src/Acme.Web/Program.cs", "src/Acme.Web/Acme.Web.csproj", "src/Acme.Web/Pages/Login.cshtml", "README.md"],
            file => Assert.Matches(OfTheAccountPages(), Read(account, file))
        );
        Assert.All(account.Files(), file => Assert.DoesNotMatch(MarkOfTheTemplate(), Read(account, file)));
    }

    [Theory]
    [InlineData("custom", "true")]
    [InlineData("directus", "false")]
    public async Task Without_redis_nothing_is_left_of_it(string backend, string account)
    {
        var redis = await package.GenerateAsync("Acme.Web", Options(backend, account: account, redis: "true"));
        var site = await package.GenerateAsync("Acme.Web", Options(backend, account: account));

        Assert.Empty(site.Files().Except(redis.Files()));
        Assert.All(site.Files(), file => Assert.DoesNotMatch(OfRedis(), $"{file}\n{Read(site, file)}"));
        // Its files and words still have the names in this test.
        Assert.All(
            (string[])["src/Acme.Web/Program.cs", "src/Acme.Web/Acme.Web.csproj", "Directory.Packages.props", "README.md", "compose.yaml"],
            file => Assert.Matches(OfRedis(), Read(redis, file))
        );
        Assert.All(redis.Files(), file => Assert.DoesNotMatch(MarkOfTheTemplate(), Read(redis, file)));
    }

    [Theory]
    [InlineData("true", "false")]
    [InlineData("false", "false")]
    [InlineData("false", "true")]
    public async Task What_the_style_sheet_and_the_script_look_for_is_on_some_page(string sample, string account)
    {
        var site = await package.GenerateAsync("Acme.Web", Options("custom", "true", sample, account));
        var pages = string.Concat(
            site.Files().Where(file => file.EndsWith(".cshtml", StringComparison.Ordinal)).Select(file => Read(site, file))
        );
        var styles = LookedForByStyles().Matches(Read(site, "src/Acme.Web/wwwroot/css/site.css"));
        var scripts = LookedForByScripts()
            .Matches(
                string.Concat(site.Files().Where(file => file.EndsWith(".js", StringComparison.Ordinal)).Select(file => Read(site, file)))
            );

        Assert.All([styles.Count, scripts.Count], count => Assert.InRange(count, 8, 200));
        foreach (var name in styles.Concat(scripts).Select(match => match.Groups["name"].Value).Distinct())
            Assert.Matches($@"(?<![\w-])(data-)?{name}(?![\w-])", pages);
    }

    [Theory]
    [InlineData("custom", "true")]
    [InlineData("custom", "false")]
    public async Task Every_project_that_the_solution_names_exists(string backend, string tests)
    {
        var site = await package.GenerateAsync("Acme.Web", Options(backend, tests));

        var projects = XDocument.Load(site.Solution).Descendants("Project").Select(project => (string)project.Attribute("Path")!).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.True(File.Exists(Path.Combine(site.Root, project)), project));
    }

    [Theory]
    [InlineData("https://api.example.com/v1")]
    [InlineData("http://localhost:8055")]
    [InlineData("""https://example.com/a?b="c"&d=\e""")]
    [InlineData("")]
    public async Task The_backend_url_is_in_appsettings_unchanged(string url)
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "Acme.Web", "--backend-url", url, "--no-restore");

        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(site.SiteFolder, "appsettings.json")));
        Assert.Equal(url, settings.RootElement.GetProperty("Backend").GetProperty("Url").GetString());
    }

    [Fact]
    public async Task Without_restore_no_package_is_restored()
    {
        var site = await package.GenerateInAsync(package.NewFolder(), "Acme.Web", "--no-restore");

        Assert.Empty(Directory.GetDirectories(site.Root, "obj", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task With_closed_input_it_restores_prints_the_next_step_and_ends()
    {
        var folder = package.NewFolder();

        var run = (await package.NewAsync(folder, "tokensession", "-n", "Acme.Web")).ShouldSucceed();

        Assert.Contains("Restore succeeded", run.Output);
        Assert.Single(Directory.GetFiles(folder, "project.assets.json", SearchOption.AllDirectories));
        Assert.Contains("sign in as demo@example.com", run.Output);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var folder = package.NewFolder();

        (await package.NewAsync(folder, "tokensession", "-n", "Acme.Web", "--dry-run")).ShouldSucceed();

        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task Ports_are_drawn_for_the_launch_profiles()
    {
        var site = await package.GenerateAsync("Acme.Web", Options("custom", "true"));

        var profiles = File.ReadAllText(Path.Combine(site.SiteFolder, "Properties", "launchSettings.json"));

        Assert.Matches(@"http://localhost:5[0-3]\d\d\b", profiles);
        Assert.Matches(@"https://localhost:7[0-3]\d\d\b", profiles);
        Assert.DoesNotContain("localhost:5080", profiles);
        Assert.DoesNotContain("localhost:7080", profiles);
    }

    [Fact]
    public void A_number_is_replaced_as_a_port_and_nowhere_else()
    {
        // A number without its context would also be replaced in the milliseconds of a script.
        using var template = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, ".template.config", "template.json")));
        var numbers = template
            .RootElement.GetProperty("symbols")
            .EnumerateObject()
            .Where(symbol => symbol.Value.TryGetProperty("replaces", out var token) && token.GetString()!.All(char.IsDigit))
            .ToList();

        Assert.NotEmpty(numbers);
        Assert.All(numbers, symbol => Assert.Equal("localhost:", symbol.Value.GetProperty("onlyIf")[0].GetProperty("after").GetString()));
    }

    [Theory]
    [InlineData("Acme.Web", "dotnet new tokensession --name Acme.Web --backend custom --tests true --sample true --no-restore")]
    [InlineData(
        "My App",
        "dotnet new tokensession --name \"My App\" --backend directus --backend-url \"https://x.example\" --tests false --sample false --no-restore",
        "--backend",
        "directus",
        "--backend-url",
        "https://x.example",
        "--tests",
        "false",
        "--sample",
        "false"
    )]
    [InlineData(
        "Acme.Web",
        "dotnet new tokensession --name Acme.Web --backend custom --tests true --sample true --account true --redis true --framework net11.0 --no-restore",
        "--account",
        "--redis",
        "--framework",
        "net11.0"
    )]
    public async Task The_readme_has_the_version_and_the_command_line(string name, string commandLine, params string[] options)
    {
        var site = await package.GenerateInAsync(package.NewFolder(), name, [.. options, "--no-restore"]);

        var readme = File.ReadAllText(Path.Combine(site.Root, "README.md"));

        Assert.Contains($"\n{commandLine}\n", readme);
        Assert.Contains($"TokenSession.Template {Version(package.PackageFile)},", readme);
    }

    /// <summary>The options are the same for the same site in every test, so that it is generated once.</summary>
    internal static string[] Options(
        string backend,
        string tests = "true",
        string sample = "true",
        string account = "false",
        string redis = "false"
    ) =>
        [
            .. (string[])((backend, tests) is ("custom", "true") ? [] : ["--backend", backend, "--tests", tests]),
            .. (string[])(sample is "true" ? [] : ["--sample", sample]),
            .. (string[])(account is "false" ? [] : ["--account", account]),
            .. (string[])(redis is "false" ? [] : ["--redis", redis]),
        ];

    private static string Read(GeneratedSite site, string file) => File.ReadAllText(Path.Combine(site.Root, file));

    private static string Version(string package) => Path.GetFileNameWithoutExtension(package)["TokenSession.Template.".Length..];

    // The words of the option, and the conditions around it in the template.
    [GeneratedRegex(
        @"inspector|dev/session|Pages[./]Dev|LocalhostOnly|data-countdown|lasts-until|class=.facts|who sees what|data-live|data-fill-in|AccountTests|#(if|else|endif)",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex OfTheSample();

    [GeneratedRegex(
        @"(Session|Backend|Demo|Pages|App)[./]Account\b|(IAccount|AccountOptions|AccountLinks|AddAccount|MapAccount|FormField|_Intro|_Notice|SignInNotice|QRCoder)\b|account pages|--account|dev/mail|(forgot|reset|change)-?password|accept-?invitation|#(if|else|endif)",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex OfTheAccountPages();

    [GeneratedRegex("redis", RegexOptions.IgnoreCase)]
    private static partial Regex OfRedis();

    [GeneratedRegex("#(if|else|endif)")]
    private static partial Regex MarkOfTheTemplate();

    // Classes and data attributes in selectors. In a number, a digit follows the dot.
    [GeneratedRegex(@"(?:\.|\[data-)(?<name>[a-z][a-z-]+)(?=[^;{}]*\{)")]
    private static partial Regex LookedForByStyles();

    [GeneratedRegex(@"(?:withData\('|\[data-)(?<name>[a-z-]+)")]
    private static partial Regex LookedForByScripts();
}
