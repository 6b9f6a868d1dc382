using System.Diagnostics;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(Tests.Infrastructure.DemoAdapterStartup))]

namespace Tests.Infrastructure;

/// <summary>A site in a separate process, which can be stopped normally or killed.</summary>
public sealed class SiteProcess : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder output = new();
    private readonly Process process;

    public SiteProcess(params (string Setting, string Value)[] settings)
    {
        // With the dependencies of the tests, so that the site can load DemoAdapterStartup.
        var tests = Path.ChangeExtension(typeof(SiteProcess).Assembly.Location, null);
        string[] site =
        [
            "exec",
            "--depsfile",
            tests + ".deps.json",
            "--runtimeconfig",
            tests + ".runtimeconfig.json",
            typeof(Program).Assembly.Location,
        ];
        var start = new ProcessStartInfo("dotnet", site)
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(SiteProcess).Assembly.GetName().Name,
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["TokenSession__AllowInsecureHttp"] = "true",
                ["TokenSession__FailedSignInPeriod"] = "00:00:10",
            },
        };
        foreach (var (setting, value) in settings)
        {
            start.Environment[setting.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
    }

    /// <summary>Whether this code runs in the process of a site and not in that of the tests.</summary>
    public static bool IsThisProcess => Assembly.GetEntryAssembly() == typeof(Program).Assembly;

    /// <summary>The output of the process so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Waits until the site listens.</summary>
    public Task<string> Address => address.Task.WaitAsync(TimeSpan.FromMinutes(1));

    public async Task<TestBrowser> NewBrowserAsync() =>
        new(new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new(await Address) });

    /// <summary>Stops the process immediately, even during its work (SIGKILL).</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Stops the process in the normal way (SIGTERM). The process first completes its current work.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await process.WaitForExitAsync();
    }

    /// <summary>Pauses the process until it is continued, like a paused container (SIGSTOP).</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private void Read(string? line)
    {
        const string Listening = "Now listening on: ";
        lock (output)
        {
            output.AppendLine(line);
        }

        if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            address.TrySetResult(line[(at + Listening.Length)..].Trim());
        }
    }
}

/// <summary>Lets the site in another process use the adapter of the demo backend. In this process, <see cref="TestSite"/> decides.</summary>
public sealed class DemoAdapterStartup : IHostingStartup
{
    public void Configure(IWebHostBuilder builder)
    {
        if (SiteProcess.IsThisProcess)
        {
            builder.ConfigureServices(TestSite.UseDemoAdapter);
        }
    }
}
