using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TokenSessionSite.Session;

namespace TokenSessionSite;

/// <summary>
/// Sends traces, metrics and logs to an OpenTelemetry collector, if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Without it, OpenTelemetry is
/// neither registered nor loaded. The other <c>OTEL_</c> variables that OpenTelemetry for .NET supports have their usual effect.
/// </summary>
public static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[Endpoint] is { Length: > 0 } address)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                throw new InvalidOperationException(
                    $"{Endpoint} is '{address}'. Set an http or https address, such as http://collector:4317."
                );
            }

            builder.AddExport();
        }

        return builder;
    }

    private static void AddExport(this WebApplicationBuilder builder) =>
        builder
            .Services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME, if it is set, replaces the name of the application.
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName).AddEnvironmentVariableDetector())
            .WithTracing(tracing =>
                tracing
                    .AddSource(SessionMetrics.Name, "System.Net.Http")
                    // A health check runs every few seconds. Its traces would hide the traces of users.
                    .AddAspNetCoreInstrumentation(options =>
                        options.Filter = context => !context.Request.Path.StartsWithSegments("/health")
                    )
            )
            .WithMetrics(metrics =>
                metrics.AddMeter(SessionMetrics.Name, "System.Net.Http", "System.Runtime").AddAspNetCoreInstrumentation()
            )
            .WithLogging(_ => { }, logging => logging.IncludeFormattedMessage = true)
            .UseOtlpExporter();
}
