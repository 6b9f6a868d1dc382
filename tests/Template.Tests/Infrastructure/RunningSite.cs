using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Template.Tests.Infrastructure;

/// <summary>A site in a separate process.</summary>
public sealed partial class RunningSite : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningSite(Process process) => this.process = process;

    public Uri BaseAddress { get; private set; } = new("http://unknown.invalid");

    /// <summary>Everything the site has logged so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

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

    /// <summary>Starts any command that runs a site, such as `dotnet run`, and waits until the site listens.</summary>
    public static async Task<RunningSite> StartAsync(ProcessStartInfo start)
    {
        var running = new RunningSite(new Process { StartInfo = start, EnableRaisingEvents = true });
        running.Start();
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

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Start()
    {
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) =>
        {
            // Until all output was read.
            process.WaitForExit();
            listening.TrySetException(new InvalidOperationException($"The site ended before it listened:\n{Output}"));
        };
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private async Task UntilItListensAsync()
    {
        try
        {
            BaseAddress = await listening.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The site did not listen within a minute:\n{Output}");
        }
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
        if (ListeningLine().Match(line) is { Success: true } match)
            listening.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningLine();
}
