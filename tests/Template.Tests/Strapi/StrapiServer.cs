using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Strapi;

/// <summary>A real Strapi, run by tests/strapi/strapi.sh: SQLite in a temporary folder, a free port. The first start on a machine installs
/// it, which takes some minutes.</summary>
public sealed class StrapiServer : RealBackend
{
    /// <summary>How many sign-ins one address may attempt in a minute. The tests of a class need fewer.</summary>
    public const int SignInLimit = 60;

    private static readonly string Script = Path.Combine(Repository.Root, "tests", "strapi", "strapi.sh");

    private readonly Scratch scratch = new();

    private StrapiServer() { }

    /// <param name="accessTokenLifetime">In seconds.</param>
    public static async Task<StrapiServer> StartAsync(int accessTokenLifetime)
    {
        var server = new StrapiServer();
        var output = await server.RunAsync("start", accessTokenLifetime);
        server.Url = new Uri(output.Split('\n').Last(line => line.StartsWith("http://", StringComparison.Ordinal)));
        return server;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await RunAsync("stop");
        scratch.Dispose();
    }

    private async Task<string> RunAsync(string command, int accessTokenLifetime = 0)
    {
        var environment = new Dictionary<string, string?>
        {
            ["STRAPI_DATA"] = Path.Combine(scratch.Root, "strapi"),
            ["STRAPI_OWNER"] = $"{Environment.ProcessId}",
            ["ACCESS_TOKEN_LIFESPAN"] = $"{accessTokenLifetime}",
            ["RATE_LIMIT_MAX"] = $"{SignInLimit}",
        };
        var result = await Cli.RunAsync(Script, [command], Repository.Root, environment, TimeSpan.FromMinutes(15));
        return result.ShouldSucceed().Output;
    }
}
