namespace Bench;

/// <summary>A signed-in page that shows only a name, and the same page in the site's layout, on sites with different kinds of
/// authentication.</summary>
internal static class Speed
{
    private const int WarmUps = 4,
        Rounds = 7;

    private static readonly (string Path, string Name)[] Pages =
    [
        ("/app/bare", "a signed-in page with nothing but a name on it"),
        ("/app/name", "the same in the site's layout"),
    ];

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Workshop workshop)
    {
        foreach (var serverGc in new[] { false, true })
            await RunAsync(workshop, serverGc);
    }

    private static async Task RunAsync(Workshop workshop, bool serverGc)
    {
        await using var backend = await TokenBackend.StartAsync();
        await using var anonymous = await Site.StartReferenceAsync(await workshop.ReferenceAsync(), "Anonymous", serverGc);
        await using var cookie = await Site.StartReferenceAsync(await workshop.ReferenceAsync(), "Cookie", serverGc);
        await using var tokens = await Site.StartReferenceAsync(await workshop.ReferenceAsync(), "Tokens", serverGc);
        await using var generated = await Site.StartGeneratedAsync(await workshop.GeneratedAsync(), backend, serverGc);
        Entry[] entries =
        [
            new("no authentication", anonymous, ""),
            new("plain cookie authentication, no tokens", cookie, await cookie.SignInAtReferenceAsync(backend)),
            new("tokens in the ticket, OnValidatePrincipal", tokens, await tokens.SignInAtReferenceAsync(backend)),
            new("the generated site", generated, await generated.SignInAsync()),
        ];

        var callsOfSignIn = backend.Calls;
        foreach (var entry in entries)
        foreach (var (page, _) in Pages)
            await CheckAsync(entry, page);

        // The sites are warmed up in turn: the runtime compiles the code of a site again, with more optimizations, while the others run.
        for (var round = 0; round < WarmUps; round++)
            await RunAllAsync(entries);
        foreach (var entry in entries)
            entry.Runs.Clear();
        for (var round = 0; round < Rounds; round++)
            await RunAllAsync(entries);
        if (backend.Calls != callsOfSignIn)
            throw new InvalidOperationException($"A fresh session made {backend.Calls - callsOfSignIn} calls to the backend.");

        foreach (var (page, name) in Pages)
            Print(entries, page, name, serverGc);
    }

    private static async Task RunAllAsync(Entry[] entries)
    {
        foreach (var (page, _) in Pages)
        foreach (var entry in entries)
            entry.Runs.Add((page, await Wrk.RunAsync(entry.Site, page, entry.Cookies, Round)));
    }

    /// <summary>Checks that the measured response is the page and that it sets no cookie.</summary>
    private static async Task CheckAsync(Entry entry, string page)
    {
        using var answer = await entry.Site.GetAsync(page, entry.Cookies);
        var html = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        if (
            !html.Contains(entry.Cookies is "" ? "somebody" : "demo@example.com", StringComparison.Ordinal)
            || html.Contains("<form", StringComparison.Ordinal)
        )
            throw new InvalidOperationException($"{entry.Name}: this is not the page to be measured:\n{html}");
        if (answer.Headers.Contains("Set-Cookie"))
            throw new InvalidOperationException($"{entry.Name}: the page sets a cookie.");
    }

    private static void Print(Entry[] entries, string page, string name, bool serverGc)
    {
        var plain = entries[1].RunsOf(page);
        Console.WriteLine();
        Console.WriteLine(
            $"{(serverGc ? "Server" : "Workstation")} garbage collection; ratios to plain cookie authentication, median of {Rounds} rounds (least to most)"
        );
        Console.WriteLine();
        Console.WriteLine($"| {name} | requests a second | CPU a request | requests, ratio | CPU, ratio |");
        Console.WriteLine("|---|--:|--:|--:|--:|");
        foreach (var entry in entries)
        {
            var runs = entry.RunsOf(page);
            Console.WriteLine(
                $"| {entry.Name} | {new Spread(runs.Select(run => run.RequestsPerSecond)).Median:0} | {new Spread(runs.Select(run => run.MicrosecondsPerRequest)).Median:0} µs "
                    + $"| {new Spread(runs.Zip(plain, (run, other) => run.RequestsPerSecond / other.RequestsPerSecond)).ToString("0.00")} "
                    + $"| {new Spread(runs.Zip(plain, (run, other) => run.MicrosecondsPerRequest / other.MicrosecondsPerRequest)).ToString("0.00")} |"
            );
        }
    }

    private sealed record Entry(string Name, Site Site, string Cookies)
    {
        public List<(string Page, Wrk Run)> Runs { get; } = [];

        public List<Wrk> RunsOf(string page) => [.. Runs.Where(its => its.Page == page).Select(its => its.Run)];
    }
}
