using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Infrastructure;

/// <summary>An OpenTelemetry collector on a port of this machine, for the protocol http/protobuf. It does not parse what it receives: the
/// names and values are text in it.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly StringBuilder traces = new(),
        metrics = new(),
        logs = new();
    private readonly WebApplication server;

    public OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRequestDecompression();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server = builder.Build();
        server.UseRequestDecompression();
        Receive("/v1/traces", traces);
        Receive("/v1/metrics", metrics);
        Receive("/v1/logs", logs);
    }

    public string Traces => TextOf(traces);

    public string Metrics => TextOf(metrics);

    public string Logs => TextOf(logs);

    /// <summary>Returns the address.</summary>
    public async Task<string> StartAsync()
    {
        await server.StartAsync();
        return server.Urls.Single();
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private void Receive(string path, StringBuilder received) =>
        server.MapPost(
            path,
            async (HttpContext context) =>
            {
                // One character for each byte.
                using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
                var text = await reader.ReadToEndAsync(context.RequestAborted);
                lock (gate)
                {
                    received.Append(text);
                }
            }
        );

    private string TextOf(StringBuilder received)
    {
        lock (gate)
        {
            return received.ToString();
        }
    }
}
