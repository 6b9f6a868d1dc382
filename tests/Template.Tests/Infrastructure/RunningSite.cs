using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Template.Tests.Infrastructure;

/// <summary>A site, or a backend, in a separate process.</summary>
public sealed partial class RunningSite : IAsyncDisposable
{
    // `dotnet run` builds the site within this time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly BackgroundProcess process;
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningSite(ProcessStartInfo start) => process = new(start, Read);

    /// <summary>The first address that the site listens on.</summary>
    public Uri BaseAddress { get; private set; } = new("http://unknown.invalid");

    /// <summary>Everything the site has logged so far.</summary>
    public string Output => process.Output;

    /// <summary>Builds a generated site and starts it on a free port of this machine. The default environment is Development.</summary>
    public static async Task<RunningSite> StartAsync(GeneratedSite site, IDictionary<string, string?> env)
    {
        (await site.BuildAsync()).ShouldSucceed();
        var start = Cli.StartInfo("dotnet", [site.SiteAssembly], site.SiteFolder);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (name, value) in env)
            start.Environment[name] = value;
        return await StartAsync(start);
    }

    /// <summary>Publishes a generated site and starts it in Production, over plain HTTP because the backend is on this machine, too.</summary>
    /// <param name="site">The generated site.</param>
    /// <param name="backend">The address of the backend.</param>
    /// <param name="settings">Additional settings, such as TokenSession__FailedSignInsPerClient.</param>
    public static async Task<RunningSite> StartInProductionAsync(
        GeneratedSite site,
        Uri backend,
        params IEnumerable<(string Name, string Value)> settings
    )
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_CONTENTROOT"] = await site.PublishAsync(),
            ["Backend__Url"] = $"{backend}",
            ["TokenSession__AllowInsecureHttp"] = "true",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        return await StartAsync(site, environment);
    }

    /// <summary>Starts any command that runs a site, such as `dotnet run`, and waits until the site listens.</summary>
    public static async Task<RunningSite> StartAsync(ProcessStartInfo start)
    {
        var running = new RunningSite(start);
        try
        {
            await running.UntilItListensAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>A separate browser that is signed in as this user through the form of the login page.</summary>
    /// <param name="prefix">The prefix of the site's cookies.</param>
    /// <param name="email">The e-mail address of the user.</param>
    /// <param name="password">The password of the user.</param>
    public async Task<SiteClient> SignInAsync(string prefix, string email, string password)
    {
        var client = new SiteClient(BaseAddress, prefix);
        var answer = await client.SubmitAsync("/login", ("Email", email), ("Password", password));
        Assert.True(answer.IsRedirect, $"{email} could not sign in: {answer}\n{Output}");
        return client;
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private async Task UntilItListensAsync()
    {
        try
        {
            await Task.WhenAny(listening.Task, process.Exited).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The process did not listen within {Patience.TotalMinutes} minutes:\n{Output}");
        }

        BaseAddress = listening.Task.IsCompleted
            ? await listening.Task
            : throw new InvalidOperationException($"The process ended before it listened:\n{Output}");
    }

    private void Read(string line)
    {
        if (ListeningLine().Match(line) is { Success: true } match)
            listening.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (https?://\S+)")]
    private static partial Regex ListeningLine();
}
