using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>A real backend of tests/Backends, on a free port of this machine.</summary>
public sealed partial class BackendProcess : IAsyncDisposable
{
    public const string Email = "demo@example.com";
    public const string Password = "Demo-Passw0rd!";

    private static readonly Lazy<Task<string>> Assembly = new(BuildAsync);

    private readonly Process process;
    private readonly HttpClient client = new();

    private BackendProcess(Process process) => this.process = process;

    public Uri Url { get; private set; } = new("http://unknown.invalid");

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

    /// <summary>Calls a control of the test backend, such as delete/demo@example.com.</summary>
    public async Task ControlAsync(string path, object? body = null) =>
        (await client.PostAsync(new Uri(Url, $"_test/{path}"), body is null ? null : JsonContent.Create(body))).EnsureSuccessStatusCode();

    /// <summary>How often this path was called.</summary>
    public async Task<int> CallsAsync(string path)
    {
        var calls = await client.GetFromJsonAsync<JsonElement>(new Uri(Url, "_test/calls"));
        return calls
            .EnumerateArray()
            .Where(call => call.GetProperty("path").GetString() == path)
            .Sum(call => call.GetProperty("count").GetInt32());
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
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
