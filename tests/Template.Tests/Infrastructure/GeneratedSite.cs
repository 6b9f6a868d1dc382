using System.Text.RegularExpressions;

namespace Template.Tests.Infrastructure;

/// <summary>A solution that the template wrote. A site is built and published once.</summary>
public sealed partial class GeneratedSite
{
    // The tests that use Redis run in content/. The driver of Playwright takes 135 MB for each site, and only the end-to-end run needs it.
    private static readonly Dictionary<string, string?> Less = new() { ["PlaywrightPlatform"] = "none", ["REDIS_SERVER"] = "nowhere" };

    private static readonly string CompilerServer = $"tokensession-{Guid.NewGuid():n}";

    // The tests in a browser take up to six minutes on two idle processors.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>The classes below Tests.Backend that do not use the adapter of the site.</summary>
    public static readonly IReadOnlyList<string> TestsWithoutAdapter =
    [
        "*.BackendProxyTests",
        "*.DataApiTests",
        "*.DemoBackendContractTests",
        "*.DemoBackendTests",
        "*.FileTransferTests",
        "*.PublicApiTests",
    ];

    private readonly Lazy<Task<CliResult>> build;
    private readonly Lazy<Task<string>> publish;

    public GeneratedSite(string name, string root)
    {
        (Name, Root) = (name, root);
        build = new(BuildOnceAsync);
        publish = new(PublishOnceAsync);
    }

    /// <summary>The name after `-n`. Files have a converted form of this name.</summary>
    public string Name { get; }

    public string Root { get; }

    public string Solution => Only("*.slnx", Root);

    /// <summary>The csproj of the site itself.</summary>
    public string SiteProject => Only("*.csproj", Path.Combine(Root, "src"));

    public string TestProject => Only("*.Tests.csproj", Path.Combine(Root, "tests"));

    public string EndToEndProject => Only("*.EndToEnd.csproj", Path.Combine(Root, "tests"));

    /// <summary>The assembly name, and the first part of every renamed file.</summary>
    public string FileName => Path.GetFileNameWithoutExtension(SiteProject);

    public string SiteFolder => Path.GetDirectoryName(SiteProject)!;

    public string SiteAssembly => AssemblyOf(SiteProject);

    private string TestAssembly => AssemblyOf(TestProject);

    /// <summary>Builds the whole solution.</summary>
    public Task<CliResult> BuildAsync() => build.Value;

    /// <summary>The commands of the CI workflow in their order.</summary>
    public IReadOnlyList<string> Workflow =>
        [.. RunStep().Matches(File.ReadAllText(Path.Combine(Root, ".github", "workflows", "ci.yml"))).Select(step => step.Groups[1].Value)];

    /// <summary>The command of the workflow that runs the tests without a browser.</summary>
    public string TestCommand => Workflow.Single(command => command.Contains(".Tests\"", StringComparison.Ordinal));

    /// <summary>The command of the workflow that runs the tests in a browser.</summary>
    public string EndToEndCommand => Workflow.Single(command => command.Contains(".EndToEnd\"", StringComparison.Ordinal));

    /// <param name="option">--filter-class or --filter-not-class.</param>
    /// <param name="classes">Full names of classes, or names with * at an end.</param>
    public static IEnumerable<string> Filter(string option, params IEnumerable<string> classes) =>
        classes.SelectMany(name => new[] { option, name });

    /// <summary>Runs a command of the workflow or of a document in the folder of the site.</summary>
    public Task<CliResult> RunAsync(string command, params IEnumerable<string> more)
    {
        var words = Cli.Words(command);
        return Cli.RunAsync(words[0], [.. words[1..], .. more], Root, Less, Patience);
    }

    /// <summary>Builds, then runs the site's own tests, those without a browser: all, or those that a filter selects.</summary>
    public async Task<CliResult> TestOnlyAsync(params IEnumerable<string> filter)
    {
        (await BuildAsync()).ShouldSucceed();
        return await RunAsync(TestCommand, filter);
    }

    /// <summary>Builds, then runs the same tests on another runtime than the one that they were built for.</summary>
    public async Task<CliResult> TestOnAsync(string dotnet)
    {
        (await BuildAsync()).ShouldSucceed();
        // The tests start the site in processes of its own.
        var path = $"{Path.GetDirectoryName(dotnet)}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        var environment = new Dictionary<string, string?>(Less) { ["PATH"] = path };
        return await Cli.RunAsync(dotnet, [TestAssembly, "-noColor"], Root, environment, Patience);
    }

    /// <summary>Builds, then runs the site's own tests in a real browser: all, or those that a filter selects.</summary>
    public async Task<CliResult> EndToEndAsync(params IEnumerable<string> filter)
    {
        (await BuildAsync()).ShouldSucceed();
        // This build has the driver of Playwright.
        (await Cli.RunAsync("dotnet", ["build", EndToEndProject], Root)).ShouldSucceed();
        return await RunAsync(EndToEndCommand, filter);
    }

    /// <summary>Builds, then runs the contract tests of the site, with the settings that an owner would set for them.</summary>
    public async Task<CliResult> ContractAsync(Uri backend, string email, string password)
    {
        (await BuildAsync()).ShouldSucceed();
        string[] test =
        [
            "test",
            "--project",
            TestProject,
            "--no-build",
            "--filter-class",
            "*OwnBackendContractTests",
            "--output",
            "Detailed",
        ];
        var environment = new Dictionary<string, string?>
        {
            ["Backend__Url"] = $"{backend}",
            ["Backend__Email"] = email,
            ["Backend__Password"] = password,
        };
        return await Cli.RunAsync("dotnet", test, Root, environment);
    }

    /// <summary>Builds, then publishes the site into a folder beside it, and returns that folder. In Production, a site serves its
    /// compressed scripts and styles from there; a build alone has none.</summary>
    public Task<string> PublishAsync() => publish.Value;

    /// <summary>Everything below the root that a generator wrote, as relative paths with forward slashes.</summary>
    public IReadOnlyList<string> Files() =>
        [
            .. Directory
                .EnumerateFiles(Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
                .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"))
                .Order(StringComparer.Ordinal),
        ];

    // The compiler is twice as fast with its server. But a server that had compiled sites for an hour once reported 84 errors in a page
    // without errors. Therefore this run has its own server, and a build that fails with the server is repeated without it.
    private async Task<CliResult> BuildOnceAsync()
    {
        string[] build = ["build", Solution];
        string[] server = ["-p:UseSharedCompilation=true", $"-p:SharedCompilationId={CompilerServer}"];
        var first = await Cli.RunAsync("dotnet", [.. build, .. server], Root, Less, Patience);
        if (first.ExitCode == 0)
            return first;
        TestContext.Current.TestOutputHelper?.WriteLine($"{first}");
        return await Cli.RunAsync("dotnet", [.. build, "--no-incremental"], Root, Less, Patience);
    }

    private async Task<string> PublishOnceAsync()
    {
        (await BuildAsync()).ShouldSucceed();
        var folder = Path.Combine(Path.GetDirectoryName(Root)!, "published");
        string[] args = ["publish", SiteProject, "--no-build", "-c", "Debug", "-o", folder];
        (await Cli.RunAsync("dotnet", args, Root)).ShouldSucceed();
        return folder;
    }

    private static string AssemblyOf(string project) =>
        Path.Combine(Path.GetDirectoryName(project)!, "bin", "Debug", "net10.0", $"{Path.GetFileNameWithoutExtension(project)}.dll");

    [GeneratedRegex("^ +- run: (.+)$", RegexOptions.Multiline)]
    private static partial Regex RunStep();

    private static string Only(string pattern, string folder) =>
        Assert.Single(Directory.GetFiles(folder, pattern, SearchOption.AllDirectories));
}
