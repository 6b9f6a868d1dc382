using System.Diagnostics;

namespace Bench;

/// <summary>Ten thousand sessions whose access tokens expire at the same time. Each sends one page request within the same half
/// minute.</summary>
internal static class BusyMinute
{
    private const int Sessions = 10_000;

    private static readonly TimeSpan Spell = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Workshop workshop)
    {
        await using var backend = await TokenBackend.StartAsync();
        await using var site = await Site.StartGeneratedAsync(await workshop.GeneratedAsync(), backend);
        backend.AccessTokenLifetime = TimeSpan.FromSeconds(1);
        var cookies = new string[Sessions];
        await Parallel.ForAsync(
            0,
            Sessions,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (session, _) => cookies[session] = await site.SignInAsync($"user{session}@example.com")
        );
        await Task.Delay(backend.AccessTokenLifetime);
        backend.AccessTokenLifetime = TimeSpan.FromHours(1);
        backend.Latency = TimeSpan.FromMilliseconds(50);

        var (probes, threads) = (new List<double>(), 0);
        using var over = new CancellationTokenSource();
        var probing = ProbeAsync();
        var times = await RefreshAllAsync(site, cookies);
        await over.CancelAsync();
        await probing;

        Console.WriteLine();
        Console.WriteLine(
            $"{Sessions} sessions refreshing within {Spell.TotalSeconds:0} s, the backend takes 50 ms: {backend.Refreshes} calls to the backend, "
                + $"{backend.Refusals} refused; a page with its refresh takes {times.Median:0} ms, p99 {times.Percentile(0.99):0} ms, at most {times.Longest:0} ms. "
                + $"In this time, a page without a session takes {new Spread(probes).Median:0.0} ms, at most {new Spread(probes).Longest:0} ms; at most {threads} threads in the pool."
        );

        async Task ProbeAsync()
        {
            while (!over.IsCancellationRequested)
            {
                var started = Stopwatch.GetTimestamp();
                threads = Math.Max(threads, (await site.VitalsAsync()).Threads);
                probes.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Sends requests at a constant rate, and does not wait for the answers.</summary>
    private static async Task<Spread> RefreshAllAsync(Site site, string[] cookies)
    {
        var clock = Stopwatch.StartNew();
        var answers = new List<Task<double>>(cookies.Length);
        while (answers.Count < cookies.Length)
        {
            var due = Math.Min(cookies.Length, (int)(cookies.Length * (clock.Elapsed / Spell)));
            while (answers.Count < due)
                answers.Add(TimeAsync(site, cookies[answers.Count]));
            await Task.Delay(1);
        }
        return new(await Task.WhenAll(answers));
    }

    private static async Task<double> TimeAsync(Site site, string cookies)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await site.GetAsync("/app/name", cookies);
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
