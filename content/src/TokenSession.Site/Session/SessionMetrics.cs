using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenSessionSite.Session;

/// <summary>What an operator watches: how requests got their access token, and how long refreshes take. Meter and activity source are
/// named <c>TokenSession</c>.</summary>
public sealed class SessionMetrics
{
    public const string Name = "TokenSession",
        OutcomesName = "tokensession.outcomes",
        FlightsName = "tokensession.flights";

    public static readonly ActivitySource ActivitySource = new(Name);

    private readonly Counter<long> outcomes,
        signIns;
    private readonly UpDownCounter<int> flights;
    private readonly Histogram<double> refreshDuration;

    public SessionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        outcomes = meter.CreateCounter<long>(OutcomesName, "{request}", "Requests that wanted a fresh access token, by outcome.");
        signIns = meter.CreateCounter<long>("tokensession.sign_ins", "{sign-in}", "Sign-ins, by how they ended.");
        flights = meter.CreateUpDownCounter<int>(FlightsName, "{refresh}", "Refreshes under way.");
        refreshDuration = meter.CreateHistogram<double>("tokensession.refresh.duration", "s", "Refreshes at the backend, by result.");
    }

    /// <param name="outcome">Null for a guest, who is not counted.</param>
    public void Answered(RefreshOutcome? outcome)
    {
        if (outcome is { } known && outcomes.Enabled)
        {
            outcomes.Add(1, new KeyValuePair<string, object?>("tokensession.outcome", known.ToString().ToLowerInvariant()));
        }
    }

    public void SignInEnded(SignInStatus status) =>
        signIns.Add(1, new KeyValuePair<string, object?>("tokensession.sign_in", status.ToString().ToLowerInvariant()));

    public void Refreshing() => flights.Add(1);

    public void Refreshed(FlightResult result, TimeSpan duration)
    {
        refreshDuration.Record(
            duration.TotalSeconds,
            new KeyValuePair<string, object?>(
                "tokensession.result",
                result switch
                {
                    FlightResult.Renewed => "renewed",
                    FlightResult.Over => "over",
                    _ => "deferred",
                }
            )
        );
        flights.Add(-1);
    }
}
