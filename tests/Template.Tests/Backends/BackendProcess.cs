using System.Diagnostics;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>A real backend of tests/Backends, on a free port of this machine.</summary>
public sealed partial class BackendProcess : RealBackend
{
    private static readonly Lazy<Task<string>> Assembly = new(BuildAsync);

    private readonly Process process;

    private BackendProcess(Process process) => this.process = process;

    /// <param name="name">identity, jwt or openiddict.</param>
    /// <param name="options">Such as --access-token-lifetime 00:00:05.</param>
    public static async Task<BackendProcess> StartAsync(string name, params string[] options)
    {
        string[] common = [name, "--urls", "http://127.0.0.1:0", "--owner", $"{Environment.ProcessId}"];
        var start = Cli.StartInfo("dotnet", [await Assembly.Value, .. common, .. options], Repository.Root);
        var backend = new BackendProcess(new Process { StartInfo = start });
        await backend.StartAsync();
        return backend;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task StartAsync()
    {
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (ListeningLine().Match(line.Data ?? "") is { Success: true } match)
                listening.TrySetResult(new Uri(match.Groups[1].Value));
        };
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Url = await listening.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static async Task<string> BuildAsync()
    {
        var project = Path.Combine(Repository.Root, "tests", "Backends");
        (await Cli.RunAsync("dotnet", ["build", project, "--nologo", "-v", "quiet"], Repository.Root)).ShouldSucceed();
        return Path.Combine(project, "bin", "Debug", "net10.0", "Backends.dll");
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningLine();
}
