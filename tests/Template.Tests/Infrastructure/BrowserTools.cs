using System.Security.Cryptography;

namespace Template.Tests.Infrastructure;

/// <summary>
/// The compiler and the linter of the browser's scripts, from tests/browser-module: installed by npm outside the repository, once
/// for each lock file (a few seconds).
/// </summary>
public sealed class BrowserTools : IAsyncLifetime
{
    private static readonly string Manifest = Path.Combine(Repository.Root, "tests", "browser-module");

    private string home = "";

    public async ValueTask InitializeAsync()
    {
        var version = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Manifest, "package-lock.json"))));
        home = Path.Combine(Cache(), "tokensession", $"browser-module-{version[..16]}");
        if (Directory.Exists(home))
            return;

        // The folder is either complete or missing, even if another process installs the same tools or an installation stops early.
        var fresh = Directory.CreateDirectory($"{home}.{Guid.NewGuid():n}").FullName;
        foreach (var file in new[] { "package.json", "package-lock.json" })
            File.Copy(Path.Combine(Manifest, file), Path.Combine(fresh, file));
        (await Cli.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], fresh)).ShouldSucceed();
        if (Directory.Exists(home))
            Directory.Delete(fresh, recursive: true);
        else
            Directory.Move(fresh, home);
    }

    public Task<CliResult> RunAsync(string tool, params string[] args) =>
        Cli.RunAsync(Path.Combine(home, "node_modules", ".bin", tool), args, Repository.Root);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The cache folder, as in tests/directus/directus.sh.</summary>
    private static string Cache() =>
        Chosen("TOKENSESSION_CACHE")
        ?? Chosen("XDG_CACHE_HOME")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    private static string? Chosen(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? path : null;
}
