using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>The number of refreshes in progress at a site, from the metric for its operators.</summary>
public sealed class ActiveRefreshes : IDisposable
{
    private readonly MeterListener listener = new();
    private int underWay;

    public ActiveRefreshes(IServiceProvider site)
    {
        var meters = site.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is UpDownCounter<int> { Name: SessionMetrics.ActiveRefreshesName } && instrument.Meter.Scope == meters)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, change, _, _) => Interlocked.Add(ref underWay, change));
        listener.Start();
    }

    public Task LandedAsync() => Wait.UntilAsync(() => Volatile.Read(ref underWay) is 0);

    public void Dispose() => listener.Dispose();
}
