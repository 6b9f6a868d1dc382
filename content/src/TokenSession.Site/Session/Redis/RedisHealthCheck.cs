using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenSessionSite.Session.Redis;

/// <summary>Reports this node as degraded while Redis is away: it continues with its own memory.</summary>
public sealed class RedisHealthCheck(RedisConnection redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            redis.IsUp
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("Redis does not answer. This node continues with its own memory.")
        );
}
