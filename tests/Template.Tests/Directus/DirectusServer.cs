using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>A real Directus only for these tests, run by tests/directus/directus.sh: SQLite in a temporary folder, a free port, access
/// tokens that live for <see cref="AccessTokenLife"/>. The first start on a machine installs it, which takes about three minutes.</summary>
public sealed class DirectusServer : IAsyncLifetime
{
    /// <summary>Short enough for a test to wait for the expiry, and long enough to serve a page before the next expiry.</summary>
    public static readonly TimeSpan AccessTokenLife = TimeSpan.FromSeconds(5);

    private static readonly string Script = Path.Combine(Repository.Root, "tests", "directus", "directus.sh");

    private readonly Scratch scratch = new();
    private DirectusApi? api;

    public DirectusApi Api => api ?? throw new InvalidOperationException("Directus was not started.");

    public Uri Url => Api.Url;

    private string Data => Path.Combine(scratch.Root, "directus");

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <param name="settings">Settings of Directus, such as SECRET. The port and the data are the same at every start.</param>
    public async Task StartAsync(params (string Name, string Value)[] settings)
    {
        var output = await RunAsync(["start"], settings);
        var url = output.Split('\n').Last(line => line.StartsWith("http://", StringComparison.Ordinal));
        api ??= new DirectusApi(new Uri(url));
    }

    public Task StopAsync() => RunAsync(["stop"]);

    /// <summary>Returns the refresh tokens that Directus would accept for this user now: one for each session.</summary>
    public async Task<IReadOnlyList<string>> RefreshTokensOfAsync(DirectusUser user)
    {
        var output = await RunAsync(["sessions", user.Email]);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Returns the calls that Directus has received so far, from its own log.</summary>
    public async Task<IReadOnlyList<DirectusCall>> CallsAsync()
    {
        // Directus writes its log in order: when this line is there, so is everything before it.
        var mark = await Api.MarkAsync();
        IReadOnlyList<DirectusCall> calls = [];
        await Eventually.TrueAsync(
            () =>
                (calls = DirectusCall.ReadAll(Path.Combine(Data, "server.log"))).Any(call =>
                    call.Url.Contains(mark, StringComparison.Ordinal)
                ),
            "Directus logs its requests"
        );
        return calls;
    }

    public async Task<int> RefreshCallsAsync() => (await CallsAsync()).Count(call => call.Is("POST", "/auth/refresh"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        api?.Dispose();
        scratch.Dispose();
    }

    private async Task<string> RunAsync(string[] args, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>
        {
            ["DIRECTUS_DATA"] = Data,
            ["DIRECTUS_OWNER"] = $"{Environment.ProcessId}",
            ["ACCESS_TOKEN_TTL"] = $"{AccessTokenLife.TotalSeconds}s",
            ["ADMIN_TOKEN"] = DirectusApi.AdminToken,
            ["LOG_LEVEL"] = "info",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        var result = await Cli.RunAsync(Script, args, Repository.Root, environment, TimeSpan.FromMinutes(15));
        return result.ShouldSucceed().Output;
    }
}
