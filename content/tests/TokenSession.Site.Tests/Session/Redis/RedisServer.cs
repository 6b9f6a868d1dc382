using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>A real Redis for one test, in memory only, on a free port of this machine.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"];

    private static readonly string[] InMemory = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];

    private readonly int port = FreePort.Next(),
        tlsPort = FreePort.Next();

    private string password = "";
    private CommandMap commands = CommandMap.Default;
    private Process? process;
    private TemporaryFolder? folder;

    /// <summary>Whether this machine has a Redis: the path in <c>REDIS_SERVER</c>, or that of the system.</summary>
    public static bool IsThere => File.Exists(Executable);

    public string Address => $"127.0.0.1:{port}";

    /// <summary>The port for TLS, after <see cref="NewWithTlsAsync"/>.</summary>
    public string TlsAddress => $"localhost:{tlsPort}";

    private static string? Executable =>
        Environment.GetEnvironmentVariable("REDIS_SERVER") is { Length: > 0 } path ? path : Places.FirstOrDefault(File.Exists);

    public static async Task<RedisServer> NewAsync(params string[] settings)
    {
        var redis = new RedisServer();
        await redis.StartAsync(settings);
        return redis;
    }

    public static async Task<RedisServer> NewWithPasswordAsync(string password)
    {
        var redis = new RedisServer { password = password };
        await redis.StartAsync("--requirepass", password);
        return redis;
    }

    /// <summary>Creates a server that also has a port for TLS, with the certificate in this file (PEM, with its private key).</summary>
    public static async Task<RedisServer> NewWithTlsAsync(string certificate)
    {
        var redis = new RedisServer();
        await redis.StartAsync(
            "--tls-port",
            $"{redis.tlsPort}",
            "--tls-auth-clients",
            "no",
            "--tls-cert-file",
            certificate,
            "--tls-key-file",
            certificate,
            "--tls-ca-cert-file",
            certificate
        );
        return redis;
    }

    /// <summary>Creates a server on a port on which no process listens until <see cref="StartAsync"/>.</summary>
    public static RedisServer NotStarted() => new();

    /// <summary>Creates a sentinel with the servers in this file.</summary>
    public static async Task<RedisServer> NewSentinelAsync(string file)
    {
        var sentinel = new RedisServer { commands = CommandMap.Sentinel };
        await sentinel.LaunchAsync([file, "--sentinel", "--port", $"{sentinel.port}", "--bind", "127.0.0.1"]);
        return sentinel;
    }

    /// <summary>Starts the server, empty and at the same address as before.</summary>
    public Task StartAsync(params string[] settings)
    {
        // A replica writes the data of its master into its folder, and the next server there would start with this data.
        folder?.Dispose();
        folder = new();
        return LaunchAsync(["--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder.Path, .. InMemory, .. settings]);
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    private async Task LaunchAsync(string[] args)
    {
        process = Process.Start(new ProcessStartInfo(Executable!, args) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                await AskAsync("PING");
                return true;
            }
            catch (RedisException)
            {
                return false;
            }
        });
    }

    /// <summary>Returns the answer to a command.</summary>
    public async Task<RedisResult> AskAsync(string command, params object[] args)
    {
        var options = ConfigurationOptions.Parse($"{Address},password={password},allowAdmin=true,connectTimeout=2000,connectRetry=1");
        options.CommandMap = commands;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        // A connection to a cluster would send the command to any of its servers.
        return await connection.GetServer(Address).ExecuteAsync(command, args);
    }

    /// <summary>Returns how many times the server received this command since its start.</summary>
    public async Task<int> CallsAsync(string command)
    {
        var line = $"{await AskAsync("INFO", "commandstats")}"
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>The time of the server's clock, in whole seconds.</summary>
    public async Task<TimeSpan> TimeAsync() => TimeSpan.FromSeconds((long)((RedisResult[])(await AskAsync("TIME"))!)[0]);

    public async Task KillAsync()
    {
        process?.Kill();
        await (process?.WaitForExitAsync() ?? Task.CompletedTask);
    }

    /// <summary>Redis keeps its connections open but answers no client.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            await KillAsync();
        }

        process?.Dispose();
        folder?.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process!.Id}"]);
        await kill.WaitForExitAsync();
    }
}

/// <summary>A test that runs only if the machine has a Redis.</summary>
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        (SkipType, SkipUnless) = (typeof(RedisServer), nameof(RedisServer.IsThere));
        Skip = "There is no Redis here: install redis-server, or name it in REDIS_SERVER.";
    }
}

/// <summary>A test with parameters that runs only if the machine has a Redis.</summary>
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        (SkipType, SkipUnless) = (typeof(RedisServer), nameof(RedisServer.IsThere));
        Skip = "There is no Redis here: install redis-server, or name it in REDIS_SERVER.";
    }
}

/// <summary>Tests whose nodes wait for a real Redis run one after another, and not in parallel with other tests of this run: on a busy
/// machine, a Redis that answers late looks like a Redis that is away.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class RealRedisCollection;
