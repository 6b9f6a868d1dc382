using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenSessionSite.Session.Redis;

/// <summary>Reports this node as unhealthy until it has read the keys, and as degraded while Redis is away.</summary>
public sealed class RedisHealth(RedisConnection redis, NotReadyYet gate) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            gate.IsShut ? HealthCheckResult.Unhealthy("The Data Protection keys have not been read, because Redis does not answer.")
            : redis.IsUp ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("Redis does not answer. This node continues with its own memory.")
        );
}
