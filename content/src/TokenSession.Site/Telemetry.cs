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
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
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
