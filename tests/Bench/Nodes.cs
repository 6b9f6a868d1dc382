using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using Template.Tests.Infrastructure;

namespace Bench;

/// <summary>The costs of a shared Redis: a fresh page, a refresh, and the time until another node has its result.</summary>
internal static class Nodes
{
    private const string Page = "/app/name";
    private const int Rounds = 9,
        Refreshes = 200,
        Sessions = 4_000,
        WarmUps = 5,
        Follows = 100;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4),
        Round = TimeSpan.FromSeconds(3),
        ShortLife = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Workshop workshop)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var backend = await TokenBackend.StartAsync();
        var dll = await workshop.GeneratedAsync();
        var shared = ("ConnectionStrings__Redis", redis.Address);
        await using var alone = await Site.StartGeneratedAsync(dll, backend);
        var nodes = new List<Site>();
        try
        {
            for (var node = 0; node < 3; node++)
                nodes.Add(await Site.StartGeneratedAsync(dll, backend, settings: shared));

            Console.WriteLine();
            await CompareFreshPagesAsync(alone, nodes[0], redis);
            await WeighAsync(nodes[0], backend, redis);
            await CompareAskingAsync(alone, nodes[0], backend, redis);
            await CompareRefreshesAsync(alone, nodes[0], backend);
            await FollowAsync(nodes[0], nodes[1], backend);
            await CompareThroughputAsync(nodes);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private static async Task CompareFreshPagesAsync(Site alone, Site node, RedisProcess redis)
    {
        var (cookiesAlone, cookies) = (await alone.SignInAsync(), await node.SignInAsync());
        await Wrk.RunAsync(alone, Page, cookiesAlone, WarmUp);
        await Wrk.RunAsync(node, Page, cookies, WarmUp);
        List<double> ratios = [],
            cpu = [];
        var (requests, before) = (0.0, await ReadsAsync(redis));
        for (var round = 0; round < Rounds; round++)
        {
            var without = await Wrk.RunAsync(alone, Page, cookiesAlone, Round);
            var with = await Wrk.RunAsync(node, Page, cookies, Round);
            ratios.Add(with.RequestsPerSecond / without.RequestsPerSecond);
            cpu.Add(with.MicrosecondsPerRequest / without.MicrosecondsPerRequest);
            requests += with.RequestsPerSecond * Round.TotalSeconds;
        }

        var reads = await ReadsAsync(redis) - before;
        Console.WriteLine(
            $"Fresh pages with Redis to without: requests {new Spread(ratios).ToString("0.00")}, CPU a request {new Spread(cpu).ToString("0.00")}; "
                + $"{reads} reads for {requests:0} pages of one session in {Rounds * Round.TotalSeconds:0} s."
        );
    }

    /// <summary>The costs of one session in Redis: its memory, and the commands of one refresh and of the page after it.</summary>
    private static async Task WeighAsync(Site node, TokenBackend backend, RedisProcess redis)
    {
        var memory = await NumberAsync(redis, "memory", "used_memory:");
        var before = await CommandsAsync(redis);
        var processor = await ProcessorTimeAsync(redis);
        var sessions = await RefreshedSessionsAsync(node, backend);
        var refreshed = await CommandsAsync(redis);
        foreach (var session in sessions)
            await TimeAsync(node, session);
        var presented = await CommandsAsync(redis);
        Console.WriteLine(
            $"A session costs Redis {(await NumberAsync(redis, "memory", "used_memory:") - memory) / Sessions:0} bytes, a refresh "
                + $"{(refreshed - before) / Sessions:0.0} calls, the page after it {(presented - refreshed) / Sessions:0.0}; "
                + $"{(await ProcessorTimeAsync(redis) - processor) / Sessions * 1_000_000:0} µs of its processor for both."
        );
    }

    /// <summary>The cost of a request that does read Redis. Requests use so many sessions in turn that each session is used again after
    /// more than a second. Pages are requested one after another, alternately at a site without Redis.</summary>
    private static async Task CompareAskingAsync(Site alone, Site node, TokenBackend backend, RedisProcess redis)
    {
        var (without, with) = (await RefreshedSessionsAsync(alone, backend), await RefreshedSessionsAsync(node, backend));
        List<double> notAsking = [],
            asking = [];
        var reads = 0.0;
        for (var round = 0; round < 4; round++)
        {
            var before = await ReadsAsync(redis);
            (notAsking, asking) = ([], []);
            for (var session = 0; session < Sessions; session++)
            {
                notAsking.Add(await TimeAsync(alone, without[session]));
                asking.Add(await TimeAsync(node, with[session]));
            }

            reads = await ReadsAsync(redis) - before;
        }

        Console.WriteLine(
            $"A page without Redis {Percentiles(notAsking)} ms, with {Percentiles(asking)} ms (median, 90, 99 of 100); {reads} reads for {Sessions} pages."
        );
    }

    private static string Percentiles(List<double> times) =>
        string.Join(", ", new[] { 0.5, 0.9, 0.99 }.Select(share => $"{new Spread(times).Percentile(share):0.00}"));

    /// <summary>Sessions that have been refreshed once, so that there is something to read.</summary>
    private static async Task<List<string>> RefreshedSessionsAsync(Site site, TokenBackend backend)
    {
        backend.AccessTokenLifetime = ShortLife;
        var sessions = new List<string>();
        for (var session = 0; session < Sessions; session++)
            sessions.Add(await site.SignInAsync());
        await Task.Delay(ShortLife * 1.1);
        backend.AccessTokenLifetime = TimeSpan.FromHours(1);
        for (var session = 0; session < Sessions; session++)
        {
            using var answer = await site.GetAsync(Page, sessions[session]);
            sessions[session] = Site.Cookies(answer);
        }

        return sessions;
    }

    private static async Task CompareRefreshesAsync(Site alone, Site node, TokenBackend backend)
    {
        var (without, with) = (await RefreshAsync(alone, backend), await RefreshAsync(node, backend));
        Console.WriteLine(
            $"A page that refreshes: {new Spread(without).ToString("0.0")} ms without Redis, {new Spread(with).ToString("0.0")} ms with; {Refreshes} each."
        );
    }

    private static async Task<List<double>> RefreshAsync(Site site, TokenBackend backend)
    {
        backend.AccessTokenLifetime = ShortLife;
        var sessions = new List<string>();
        for (var session = 0; session < Refreshes; session++)
            sessions.Add(await site.SignInAsync());
        await Task.Delay(ShortLife * 1.1);
        backend.AccessTokenLifetime = TimeSpan.FromHours(1);
        var times = new List<double>();
        foreach (var session in sessions)
            times.Add(await TimeAsync(site, session));
        return times;
    }

    /// <summary>Pages on two nodes wait for one refresh. Measures how much later the node answers that did not refresh.</summary>
    private static async Task FollowAsync(Site first, Site second, TokenBackend backend)
    {
        var behind = new List<double>();
        for (var round = -WarmUps; round < Follows; round++)
        {
            backend.AccessTokenLifetime = ShortLife;
            var cookies = await first.SignInAsync();
            // If a token is valid for a moment longer, the page is served with this token.
            await Task.Delay(ShortLife * 1.1);
            (backend.AccessTokenLifetime, backend.Latency) = (TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(150));
            var before = backend.Refreshes;
            var leading = EndAsync(first, cookies);
            while (backend.Refreshes == before)
                await Task.Delay(1);
            var following = EndAsync(second, cookies);
            var later = (await following - await leading).TotalMilliseconds;
            if (round >= 0)
                behind.Add(later);
            if (backend.Refreshes != before + 1)
                throw new InvalidOperationException("Two nodes refreshed one session.");
        }

        backend.Latency = TimeSpan.Zero;
        Console.WriteLine(
            $"The page of another node that waits for the same refresh comes {new Spread(behind).ToString("0.0")} ms after that of the node that refreshed; 90 of 100 within {new Spread(behind).Percentile(0.9):0.0} ms."
        );
    }

    private static async Task CompareThroughputAsync(List<Site> nodes)
    {
        var cookies = await nodes[0].SignInAsync();
        var one = new List<double>();
        var more = new Dictionary<int, List<double>> { [2] = [], [3] = [] };
        for (var round = 0; round < 5; round++)
        {
            one.Add(await TogetherAsync(nodes.Take(1), cookies));
            foreach (var (count, ratios) in more)
                ratios.Add(await TogetherAsync(nodes.Take(count), cookies) / one[^1]);
        }

        Console.WriteLine(
            $"Pages a second of several nodes to one, all and wrk on the same {Environment.ProcessorCount} cores: "
                + $"two {new Spread(more[2]).ToString("0.00")}, three {new Spread(more[3]).ToString("0.00")}."
        );
    }

    private static async Task<double> TogetherAsync(IEnumerable<Site> nodes, string cookies) =>
        (await Task.WhenAll(nodes.Select(node => Wrk.RunAsync(node, Page, cookies, Round)))).Sum(run => run.RequestsPerSecond);

    private static async Task<double> TimeAsync(Site site, string cookies)
    {
        var started = Stopwatch.GetTimestamp();
        await EndAsync(site, cookies);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<TimeSpan> EndAsync(Site site, string cookies)
    {
        using var answer = await site.GetAsync(Page, cookies);
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(0);
    }

    /// <summary>Returns how many token families the nodes have read so far.</summary>
    private static Task<double> ReadsAsync(RedisProcess redis) => NumberAsync(redis, "commandstats", "cmdstat_hget:calls=");

    /// <summary>Returns how many calls the nodes have made so far: to read, to lock, or to run a script. A script itself also
    /// reads.</summary>
    private static async Task<double> CommandsAsync(RedisProcess redis) =>
        await ReadsAsync(redis)
        + await NumberAsync(redis, "commandstats", "cmdstat_set:calls=")
        + await NumberAsync(redis, "commandstats", "cmdstat_exec:calls=");

    /// <summary>Returns the CPU seconds that Redis has used so far.</summary>
    private static async Task<double> ProcessorTimeAsync(RedisProcess redis) =>
        await NumberAsync(redis, "cpu", "used_cpu_sys:") + await NumberAsync(redis, "cpu", "used_cpu_user:");

    private static async Task<double> NumberAsync(RedisProcess redis, string section, string name)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        var line = $"{await connection.GetDatabase().ExecuteAsync("INFO", section)}"
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[name.Length..].Split(',')[0], CultureInfo.InvariantCulture);
    }
}
