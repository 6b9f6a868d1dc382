using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages.Dev;

/// <summary>A request that needed a fresh access token, and how it got one.</summary>
/// <param name="At">When the session of the request was evaluated.</param>
/// <param name="Request">Method and path.</param>
/// <param name="Session">The start of the session id.</param>
/// <param name="Outcome">How the request got its access token, or why it did not.</param>
/// <param name="Sent">The generation in the cookie of the browser.</param>
/// <param name="Used">The generation that the request used; null if the session has ended.</param>
/// <param name="IsTokenRefused">True if the backend refused a fresh access token.</param>
public sealed record RecentRequest(
    DateTimeOffset At,
    string Request,
    string? Session,
    RefreshOutcome Outcome,
    int? Sent,
    int? Used,
    bool IsTokenRefused
)
{
    /// <summary>Explains the outcome in one sentence.</summary>
    public string Explanation =>
        Outcome switch
        {
            RefreshOutcome.Fresh => "The access token was fresh, so there was nothing to do.",
            RefreshOutcome.Refreshed => $"{Reason}, so this request called the backend.",
            RefreshOutcome.Coalesced => $"{Reason}. This request waited for the refresh of another request.",
            RefreshOutcome.Adopted => "The browser sent an older cookie. The site already had the newest tokens.",
            RefreshOutcome.Postponed => "The backend could not refresh the session. The session is kept, and a later request tries again.",
            _ => "The session has ended, or the cookie was too old.",
        };

    /// <summary>The generation, or its change.</summary>
    public string Generation => Used is null || Used == Sent ? $"{Sent}" : $"{Sent} → {Used}";

    private string Reason => IsTokenRefused ? "The backend refused the access token" : "The access token was stale";
}

/// <summary>Keeps the last of these requests for the session inspector. It listens to the metrics of the session to notice each of
/// them.</summary>
public sealed class RecentRequests(IMeterFactory meters, IHttpContextAccessor accessor, TimeProvider time) : IHostedService, IDisposable
{
    private const int Kept = 15;

    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<RecentRequest> requests = [];
    private int activeRefreshes;

    public IEnumerable<RecentRequest> NewestFirst => requests.Reverse();

    /// <summary>Number of refreshes that wait for the backend at this moment.</summary>
    public int ActiveRefreshes => activeRefreshes;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name is SessionMetrics.OutcomesName or SessionMetrics.ActiveRefreshesName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Note());
        listener.SetMeasurementEventCallback<int>((_, change, _, _) => Interlocked.Add(ref activeRefreshes, change));
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => listener.Dispose();

    private void Note()
    {
        if (
            accessor.HttpContext is not { Request: var request } context
            || context.GetTokenSession() is not { Outcome: { } outcome } session
        )
        {
            return;
        }

        requests.Enqueue(
            new(
                time.GetUtcNow(),
                $"{request.Method} {request.Path}",
                (session.Ticket ?? session.Presented)?.SessionId[..6],
                outcome,
                session.Presented?.Generation,
                session.Ticket?.Generation,
                session.IsAccessTokenRejected
            )
        );
        while (requests.Count > Kept)
        {
            requests.TryDequeue(out _);
        }
    }
}
