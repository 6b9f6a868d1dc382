using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenSessionSite;

/// <summary>Maps <c>/health/live</c> (the process answers) and <c>/health/ready</c> (the site can serve users, with the status of each
/// dependency). Degraded counts as ready, because a site keeps its sessions while its backend is unavailable.</summary>
public static class HealthEndpoints
{
    /// <summary>The tag of the checks that <c>/health/ready</c> runs.</summary>
    public const string Ready = "ready";

    public static WebApplication MapHealthEndpoints(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = WriteAsync })
            .AllowAnonymous();
        return app;
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                // If a check throws, its description is the message of the exception, which may name a server. It is in the log only.
                checks = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new
                    {
                        status = entry.Value.Status.ToString(),
                        description = entry.Value.Exception is null ? entry.Value.Description : null,
                    }
                ),
            }
        );
}
