using System.Diagnostics;

namespace Bench;

/// <summary>A thousand requests of one session at the same time, with an expired and with a fresh access token.</summary>
internal static class Storm
{
    private const int Requests = 1_000,
        Rounds = 7;

    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(1),
        Latency = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(Workshop workshop)
    {
        await using var backend = await TokenBackend.StartAsync();
        await using var site = await Site.StartGeneratedAsync(await workshop.GeneratedAsync(), backend);
        backend.Latency = Latency;
        List<double> fresh = [],
            storms = [],
            bounds = [];
        for (var round = -2; round < Rounds; round++)
        {
            backend.AccessTokenLifetime = TimeSpan.FromHours(1);
            var slowestFresh = await SlowestAsync(site, await site.SignInAsync());

            backend.AccessTokenLifetime = ShortLife;
            var expired = await site.SignInAsync();
            await Task.Delay(ShortLife);
            backend.AccessTokenLifetime = TimeSpan.FromHours(1);
            var refreshes = backend.Refreshes;
            var slowest = await SlowestAsync(site, expired);
            if (backend.Refreshes != refreshes + 1)
                throw new InvalidOperationException($"A storm on one session made {backend.Refreshes - refreshes} refreshes.");

            // The first two warm up.
            if (round >= 0)
            {
                fresh.Add(slowestFresh);
                storms.Add(slowest);
                bounds.Add(slowest / (Latency.TotalMilliseconds + 3 * slowestFresh));
            }
        }

        Console.WriteLine();
        Console.WriteLine(
            $"Storm: {Requests} requests at once on one expired session, the backend takes {Latency.TotalMilliseconds:0} ms: one refresh, "
                + $"slowest answer {new Spread(storms).ToString("0")} ms; on a fresh session {new Spread(fresh).ToString("0")} ms. "
                + $"Share of 50 ms + 3 times fresh: {new Spread(bounds).ToString("0.00")}."
        );
    }

    private static async Task<double> SlowestAsync(Site site, string cookies)
    {
        var started = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, Requests)
                .Select(async _ =>
                {
                    using var answer = await site.GetAsync("/app/name", cookies);
                    if (!answer.IsSuccessStatusCode)
                        throw new InvalidOperationException(
                            $"{answer.StatusCode} after {Stopwatch.GetElapsedTime(started)}. The site said:\n{site.Said}"
                        );
                    return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                })
        );
        return times.Max();
    }
}
