using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenSessionSite.Backend;

/// <summary>Checks whether the backend answers. Load balancers probe every few seconds, so the backend is called at most once per
/// <see cref="GoodFor"/>.</summary>
internal sealed class BackendHealthCheck(IHttpClientFactory clients, TimeProvider time) : IHealthCheck, IDisposable
{
    public const string Client = "backend health";

    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5),
        Timeout = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim oneAtATime = new(1);
    private HealthCheckResult known;
    private long? askedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (askedAt is not { } last || time.GetElapsedTime(last) >= GoodFor)
            {
                known = await AskAsync(cancellationToken);
                askedAt = time.GetTimestamp();
            }

            return known;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public void Dispose() => oneAtATime.Dispose();

    private async Task<HealthCheckResult> AskAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            // Any status below 500 is healthy, 404 included.
            using var client = clients.CreateClient(Client);
            using var answer = await client.GetAsync("", HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            return (int)answer.StatusCode < 500
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded($"The backend answers {(int)answer.StatusCode}.");
        }
        catch (Exception failure)
            when (failure is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Degraded("The backend does not answer.");
        }
    }
}
