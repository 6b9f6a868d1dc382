using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>A real backend of tests/Backends, on a free port of this machine.</summary>
public sealed class BackendProcess : RealBackend
{
    private static readonly Lazy<Task<string>> Assembly = new(BuildAsync);

    private readonly RunningSite process;

    private BackendProcess(RunningSite process) => (this.process, Url) = (process, process.BaseAddress);

    /// <param name="name">identity, jwt or openiddict.</param>
    /// <param name="options">Such as --access-token-lifetime 00:00:05.</param>
    public static async Task<BackendProcess> StartAsync(string name, params string[] options)
    {
        string[] common = [name, "--urls", "http://127.0.0.1:0", "--owner", $"{Environment.ProcessId}"];
        var start = Cli.StartInfo("dotnet", [await Assembly.Value, .. common, .. options], Repository.Root);
        return new(await RunningSite.StartAsync(start));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await process.DisposeAsync();
    }

    private static async Task<string> BuildAsync()
    {
        var project = Path.Combine(Repository.Root, "tests", "Backends");
        (await Cli.RunAsync("dotnet", ["build", project, "--nologo", "-v", "quiet"], Repository.Root)).ShouldSucceed();
        return Path.Combine(project, "bin", "Debug", "net10.0", "Backends.dll");
    }
}
