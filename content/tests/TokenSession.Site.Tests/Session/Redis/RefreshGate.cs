using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

[assembly: HostingStartup(typeof(Tests.Session.Redis.RefreshGateStartup))]

namespace Tests.Session.Redis;

/// <summary>Holds each refresh directly before it is sent, for as long as a file exists.</summary>
internal sealed class RefreshGate(string file) : DelegatingHandler
{
    public const string Variable = "TOKENSESSION_REFRESH_GATE";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.AbsolutePath.EndsWith("/refresh", StringComparison.Ordinal) && File.Exists(file))
        {
            Console.WriteLine("A refresh is held.");
            while (File.Exists(file))
            {
                await Task.Delay(10, CancellationToken.None);
            }
        }

        return await base.SendAsync(request, CancellationToken.None);
    }
}

public sealed class RefreshGateStartup : IHostingStartup
{
    public void Configure(IWebHostBuilder builder)
    {
        if (SiteProcess.IsThisProcess && Environment.GetEnvironmentVariable(RefreshGate.Variable) is { Length: > 0 } file)
        {
            builder.ConfigureServices(services =>
                services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new RefreshGate(file)))
            );
        }
    }
}
