using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenSessionSite.Session;

/// <summary>Metrics and traces of the session. The meter and the activity source are named <c>TokenSession</c>.</summary>
public sealed class SessionMetrics
{
    public const string Name = "TokenSession",
        OutcomesName = "tokensession.outcomes",
        ActiveRefreshesName = "tokensession.refresh.active";

    public static readonly ActivitySource Activities = new(Name);

    // The default boundaries of OpenTelemetry fit milliseconds, not seconds.
    private static readonly InstrumentAdvice<double> InSeconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private readonly Counter<long> outcomes,
        signIns;
    private readonly UpDownCounter<int> activeRefreshes;
    private readonly Histogram<double> refreshDuration;

    public SessionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        outcomes = meter.CreateCounter<long>(OutcomesName, "{request}", "Requests that need a fresh access token, by outcome.");
        signIns = meter.CreateCounter<long>("tokensession.sign_ins", "{sign-in}", "Sign-ins, by result.");
        activeRefreshes = meter.CreateUpDownCounter<int>(ActiveRefreshesName, "{refresh}", "Refresh operations in progress.");
        refreshDuration = meter.CreateHistogram("tokensession.refresh.duration", "s", "Refresh operations, by outcome.", advice: InSeconds);
    }

    /// <param name="outcome">Null for a guest: a guest is not counted.</param>
    public void Count(RefreshOutcome? outcome)
    {
        if (outcome is { } known && outcomes.Enabled)
        {
            outcomes.Add(1, Tag("tokensession.outcome", known.ToString()));
        }
    }

    public void SignInEnded(string result) => signIns.Add(1, Tag("tokensession.sign_in", result));

    public void RefreshStarted() => activeRefreshes.Add(1);

    public void RefreshEnded(RefreshOutcome outcome, TimeSpan duration)
    {
        refreshDuration.Record(duration.TotalSeconds, Tag("tokensession.outcome", outcome.ToString()));
        activeRefreshes.Add(-1);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value.ToLowerInvariant());
}
