using System.Diagnostics;

namespace Template.Tests.Infrastructure;

/// <summary>A real Redis on a free port of this machine, in memory only.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"];

    private readonly int port = FreePort.Next();
    private Process process = new();

    private RedisProcess() { }

    public string Address => $"127.0.0.1:{port}";

    public static async Task<RedisProcess> StartAsync()
    {
        var redis = new RedisProcess();
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Starts Redis, empty and at the same address as before.</summary>
    public async Task StartAgainAsync()
    {
        var chosen = Environment.GetEnvironmentVariable("REDIS_SERVER");
        var path = string.IsNullOrEmpty(chosen) ? Places.FirstOrDefault(File.Exists) : chosen;
        if (!File.Exists(path))
            throw new FileNotFoundException(
                "This needs Redis: install it (Debian: apt-get install redis-server) or name one in REDIS_SERVER."
            );
        string[] settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
        var start = new ProcessStartInfo(path, ["--port", $"{port}", .. settings]) { RedirectStandardOutput = true };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) is true)
                ready.TrySetResult();
        };
        process.Start();
        process.BeginOutputReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Redis keeps its connections open but answers no client.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    public Task ComeToAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }
}
