using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenSessionSite;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve users, with one line for each thing that it depends on.
/// Degraded is ready: a site whose backend or Redis is away keeps its sessions and says so to those who ask for data.
/// </summary>
public static class SiteHealth
{
    /// <summary>The tag of the checks that <c>/health/ready</c> makes.</summary>
    public const string Ready = "ready";

    public static WebApplication MapSiteHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = WriteAsync });
        return app;
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                checks = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new { status = entry.Value.Status.ToString(), entry.Value.Description }
                ),
            }
        );
}
