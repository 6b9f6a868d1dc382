using Microsoft.Extensions.Options;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.Backend;

/// <summary>Logs at startup that the site uses the demo backend, or that calls to the backend are not encrypted.</summary>
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
        "Backend:Url is not set. The site uses the demo backend, which runs in the same process. Sign in as {Email} "
            + "with the password {Password}."
    )]
    private partial void TalksToDemo(string email, string password);

    [LoggerMessage(
        LogLevel.Warning,
        "Backend:Url uses HTTP for another machine ({Host}). Passwords and tokens are sent unencrypted. Use HTTPS."
    )]
    private partial void TalksPlainHttp(string host);
}
