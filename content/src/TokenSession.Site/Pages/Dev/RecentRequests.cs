using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages.Dev;

/// <summary>A request that needed a fresh access token, and its outcome.</summary>
public sealed record RecentRequest(DateTimeOffset At, string Request, string? Session, string Outcome);

/// <summary>Keeps the last of these requests for the session inspector. It reads them from the metrics of the session.</summary>
public sealed class RecentRequests(IMeterFactory meters, IHttpContextAccessor accessor, TimeProvider time) : IHostedService, IDisposable
{
    private const int Kept = 15;

    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<RecentRequest> requests = [];

    public IEnumerable<RecentRequest> NewestFirst => requests.Reverse();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is Counter<long> { Name: SessionMetrics.OutcomesName } && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Note(tags.Length > 0 ? tags[0].Value as string : null));
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => listener.Dispose();

    private void Note(string? outcome)
    {
        if (outcome is null || accessor.HttpContext is not { } context)
        {
            return;
        }

        var session = context.GetTokenSession().Ticket?.SessionId[..6];
        requests.Enqueue(new(time.GetUtcNow(), $"{context.Request.Method} {context.Request.Path}", session, outcome));
        while (requests.Count > Kept)
        {
            requests.TryDequeue(out _);
        }
    }
}
