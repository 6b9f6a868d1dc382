using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenSessionSite.Session.Redis;

/// <summary>Without keys this node is not ready. Without Redis it is: it goes on by itself, and that is called degraded.</summary>
public sealed class RedisHealth(RedisConnection redis, NotReadyYet gate) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            gate.IsShut ? HealthCheckResult.Unhealthy("The keys of the tickets have not been read: Redis did not answer yet.")
            : redis.IsUp ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("Redis does not answer: this node goes on by itself.")
        );
}
