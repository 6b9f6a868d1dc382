using Microsoft.Extensions.Options;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.Backend;

/// <summary>Says at start which backend this site talks to, and what is odd about it.</summary>
public sealed partial class BackendStartupLog(IOptions<BackendOptions> options, ILogger<BackendStartupLog> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsDemo)
        {
            TalksToDemo(DemoBackend.Email, DemoBackend.Password);
        }
        else if (new Uri(options.Value.Url!) is { Scheme: "http", IsLoopback: false } plain)
        {
            TalksPlainHttp(plain.Host);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        LogLevel.Information,
        "No Backend:Url is set: this site talks to the demo backend inside its own process. Sign in as {Email} "
            + "with the password {Password}."
    )]
    private partial void TalksToDemo(string email, string password);

    [LoggerMessage(
        LogLevel.Warning,
        "Backend:Url is plain http to another machine ({Host}): passwords and tokens travel unencrypted. Use https."
    )]
    private partial void TalksPlainHttp(string host);
}
