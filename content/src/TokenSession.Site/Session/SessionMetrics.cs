using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenSessionSite.Session;

/// <summary>Metrics and traces of the session. The meter and the activity source are named <c>TokenSession</c>.</summary>
public sealed class SessionMetrics
{
    public const string Name = "TokenSession",
        OutcomesName = "tokensession.outcomes",
        ActiveRefreshesName = "tokensession.refresh.active";

    private static readonly ActivitySource Activities = new(Name);

    private readonly TimeProvider time;
    private readonly Counter<long> outcomes,
        signIns;
    private readonly UpDownCounter<int> activeRefreshes;
    private readonly Histogram<double> refreshDuration;

    public SessionMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create(Name);
        outcomes = meter.CreateCounter<long>(OutcomesName, "{request}", "Requests that need a fresh access token, by outcome.");
        signIns = meter.CreateCounter<long>("tokensession.sign_ins", "{sign-in}", "Sign-ins, by result.");
        activeRefreshes = meter.CreateUpDownCounter<int>(ActiveRefreshesName, "{refresh}", "Refresh operations in progress.");
        refreshDuration = meter.CreateHistogram<double>("tokensession.refresh.duration", "s", "Refresh operations, by outcome.");
    }

    /// <param name="outcome">Null for a guest, who is not counted.</param>
    public void Count(RefreshOutcome? outcome)
    {
        if (outcome is { } known && outcomes.Enabled)
        {
            outcomes.Add(1, Tag("tokensession.outcome", known.ToString()));
        }
    }

    public void SignInEnded(string result) => signIns.Add(1, Tag("tokensession.sign_in", result));

    /// <summary>Measures a refresh operation until it is disposed.</summary>
    public Measurement StartRefresh() => new(this);

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value.ToLowerInvariant());

    public sealed class Measurement : IDisposable
    {
        private readonly SessionMetrics metrics;
        private readonly Activity? activity = Activities.StartActivity("tokensession.refresh");
        private readonly long started;

        internal Measurement(SessionMetrics metrics)
        {
            (this.metrics, started) = (metrics, metrics.time.GetTimestamp());
            metrics.activeRefreshes.Add(1);
        }

        public RefreshOutcome Outcome { get; set; } = RefreshOutcome.Postponed;

        public void Dispose()
        {
            var outcome = Tag("tokensession.outcome", Outcome.ToString());
            metrics.refreshDuration.Record(metrics.time.GetElapsedTime(started).TotalSeconds, outcome);
            metrics.activeRefreshes.Add(-1);
            activity?.SetTag(outcome.Key, outcome.Value);
            activity?.Dispose();
        }
    }
}
