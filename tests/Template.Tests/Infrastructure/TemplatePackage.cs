using System.Collections.Concurrent;
using Template.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(TemplatePackage))]

namespace Template.Tests.Infrastructure;

/// <summary>The template as its users get it: packed once for each run, and installed from the package into an empty hive. A site of a name
/// and options is generated once for all tests. A test that changes a site uses <see cref="GenerateInAsync"/>.</summary>
public sealed class TemplatePackage : IAsyncLifetime
{
    private readonly Scratch scratch = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<GeneratedSite>>> sites = new();

    // Two `dotnet new` commands on one hive may both write its cache.
    private readonly SemaphoreSlim oneAtATime = new(1);

    public string PackageFile { get; private set; } = "";

    public string Hive => Path.Combine(scratch.Root, "hive");

    public string NewFolder() => scratch.NewFolder();

    public async ValueTask InitializeAsync()
    {
        PackageFile = await PackAsync(Path.Combine(scratch.Root, "package"));
        (await NewAsync(scratch.Root, "install", PackageFile)).ShouldSucceed();
    }

    public static async Task<string> PackAsync(string folder, params string[] properties)
    {
        // Each call has its own obj folder: several calls may run at the same time.
        string[] pack =
        [
            "pack",
            Repository.PackProject,
            "-o",
            folder,
            "--artifacts-path",
            Path.Combine(folder, "artifacts"),
            .. properties,
        ];
        (await Cli.RunAsync("dotnet", pack, Repository.Root)).ShouldSucceed();
        return Assert.Single(Directory.GetFiles(folder, "*.nupkg"));
    }

    /// <summary>`dotnet new tokensession -n NAME OPTIONS`, once for all tests with the same name and options. Fails unless the command
    /// succeeds. The first build restores the packages, because many tests build nothing.</summary>
    public Task<GeneratedSite> GenerateAsync(string name, params string[] options) =>
        sites
            .GetOrAdd(
                string.Join('\n', options.Prepend(name)),
                _ => new(() => GenerateInAsync(NewFolder(), name, [.. options, "--no-restore"]))
            )
            .Value;

    /// <summary>Generates the site into a folder that only the caller uses. Tests that change the site need this.</summary>
    public async Task<GeneratedSite> GenerateInAsync(string folder, string name, params string[] options)
    {
        (await NewAsync(folder, ["tokensession", "-n", name, .. options])).ShouldSucceed();
        return new GeneratedSite(name, Path.Combine(folder, name));
    }

    /// <summary>Runs `dotnet new ARGS` with the hive of this run. The exit code is not checked.</summary>
    public Task<CliResult> NewAsync(string workingDirectory, params string[] args) => NewInAsync("en", workingDirectory, args);

    /// <summary>Runs `dotnet new ARGS` in another language.</summary>
    public async Task<CliResult> NewInAsync(string language, string workingDirectory, params string[] args)
    {
        await oneAtATime.WaitAsync();
        try
        {
            string[] own = args is ["tokensession" or "tokensession-page", ..] ? ["--no-update-check"] : [];
            var environment = new Dictionary<string, string?> { ["DOTNET_CLI_UI_LANGUAGE"] = language };
            return await Cli.RunAsync("dotnet", ["new", .. args, .. own, "--debug:custom-hive", Hive], workingDirectory, environment);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        oneAtATime.Dispose();
        scratch.Dispose();
        return ValueTask.CompletedTask;
    }
}
