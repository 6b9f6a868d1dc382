using System.Diagnostics;
using StackExchange.Redis;
using Template.Tests.Infrastructure;

namespace Bench;

/// <summary>What sharing a Redis costs: a fresh page, a refresh, the way of its result to another node, a Redis that hangs.</summary>
internal static class Nodes
{
    private const string Page = "/app/name";
    private const int Rounds = 9,
        Refreshes = 200;

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
            await CompareRefreshesAsync(alone, nodes[0], backend);
            await FollowAsync(nodes[0], nodes[1], backend);
            await CompareThroughputAsync(nodes);
            await HangAsync(nodes[0], redis);
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

        // What the one request pays that does ask: the difference that a second's pause makes, with Redis and without.
        List<double> asking = [],
            notAsking = [];
        for (var pause = 0; pause < 20; pause++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1.1));
            notAsking.Add(await TimeAsync(alone, cookiesAlone));
            asking.Add(await TimeAsync(node, cookies));
        }

        Console.WriteLine(
            $"A page after a second's pause: {new Spread(notAsking).ToString("0.00")} ms without Redis, {new Spread(asking).ToString("0.00")} ms with, which asks it."
        );
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
        await Task.Delay(ShortLife);
        backend.AccessTokenLifetime = TimeSpan.FromHours(1);
        var times = new List<double>();
        foreach (var session in sessions)
            times.Add(await TimeAsync(site, session));
        return times;
    }

    /// <summary>A page on each of two nodes waits for one refresh: how much later does the node answer that did not do it?</summary>
    private static async Task FollowAsync(Site first, Site second, TokenBackend backend)
    {
        var behind = new List<double>();
        for (var round = 0; round < 30; round++)
        {
            backend.AccessTokenLifetime = ShortLife;
            var cookies = await first.SignInAsync();
            await Task.Delay(ShortLife);
            (backend.AccessTokenLifetime, backend.Latency) = (TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(150));
            var before = backend.Refreshes;
            var leading = EndAsync(first, cookies);
            while (backend.Refreshes == before)
                await Task.Delay(1);
            var following = EndAsync(second, cookies);
            behind.Add((await following - await leading).TotalMilliseconds);
            if (backend.Refreshes != before + 1)
                throw new InvalidOperationException("Two nodes refreshed one session.");
        }

        backend.Latency = TimeSpan.Zero;
        Console.WriteLine(
            $"The page of another node that waits for the same refresh comes {new Spread(behind).ToString("0.0")} ms after that of the node that refreshed."
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

    private static async Task HangAsync(Site node, RedisProcess redis)
    {
        var cookies = await node.SignInAsync();
        var usual = new List<double>();
        for (var page = 0; page < 50; page++)
            usual.Add(await TimeAsync(node, cookies));
        await redis.HangAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var hung = new List<double>();
        for (var page = 0; page < 50; page++)
            hung.Add(await TimeAsync(node, cookies));
        await redis.ComeToAsync();
        Console.WriteLine(
            $"Redis hangs: the slowest of the next 50 fresh pages took {hung.Max():0.0} ms, the median {new Spread(hung).Median:0.00} ms; before {new Spread(usual).ToString("0.00")} ms."
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

    /// <summary>How many lineages were read so far.</summary>
    private static async Task<long> ReadsAsync(RedisProcess redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        var line = $"{await connection.GetDatabase().ExecuteAsync("INFO", "commandstats")}"
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith("cmdstat_hmget:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split("calls=")[1].Split(',')[0]);
    }
}
