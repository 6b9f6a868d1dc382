using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Bench;

/// <summary>The delay of the first requests after Redis fails, for each kind of failure.</summary>
internal static class Outages
{
    private const string Page = "/app/name";
    private const int Rounds = 5;

    /// <summary>After four fifths of this time, an early refresh is due.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5),
        ShortLife = TimeSpan.FromSeconds(1);

    private static readonly (string Name, Func<RedisProcess, Task> Begin, Func<RedisProcess, Task> End)[] Events =
    [
        ("nothing happened", _ => Task.CompletedTask, _ => Task.CompletedTask),
        ("down", redis => redis.KillAsync(), redis => redis.StartAgainAsync()),
        ("hung", redis => redis.HangAsync(), redis => redis.ComeToAsync()),
        ("restarted, and there again", RestartAsync, _ => Task.CompletedTask),
        ("full", redis => LimitMemoryAsync(redis, bytes: 1), redis => LimitMemoryAsync(redis, bytes: 0)),
    ];

    public static async Task RunAsync(Workshop workshop)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var backend = await TokenBackend.StartAsync();
        var dll = await workshop.GeneratedAsync();
        await using var node = await Site.StartGeneratedAsync(dll, backend, settings: ("ConnectionStrings__Redis", redis.Address));
        await TimeFirstRequestsAsync(node, backend, redis, Events[0]);

        Console.WriteLine();
        Console.WriteLine(
            "| Redis | a fresh page that asks it | a page whose refresh is due ahead of time | a page whose access token has expired | a sign-out |"
        );
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var happening in Events)
        {
            List<double>[] times =
            [
                [],
                [],
                [],
                [],
            ];
            for (var round = 0; round < Rounds; round++)
            {
                var measured = await TimeFirstRequestsAsync(node, backend, redis, happening);
                foreach (var (kind, time) in measured.Index())
                    times[kind].Add(time);
            }

            Console.WriteLine($"| {happening.Name} | {string.Join(" | ", times.Select(kind => new Spread(kind).ToString("0")))} |");
        }

        Console.WriteLine();
        Console.WriteLine($"Milliseconds, of {Rounds} each; refresh tokens that came twice: {backend.Refusals}.");
        await HangAsync(node, redis);
    }

    /// <summary>One second later, no node sends a command to Redis.</summary>
    private static async Task HangAsync(Site node, RedisProcess redis)
    {
        var cookies = await node.SignInAsync();
        await redis.HangAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.6));
        var hung = new List<double>();
        for (var page = 0; page < 200; page++)
            hung.Add(await TimeAsync(() => node.GetAsync(Page, cookies)));
        await redis.ComeToAsync();
        Console.WriteLine($"Redis hangs, a second and a half later: 200 fresh pages in {new Spread(hung).ToString("0.0")} ms.");
    }

    /// <summary>Sends four requests at the same moment, directly after the failure, so that each is one of the first.</summary>
    private static async Task<double[]> TimeFirstRequestsAsync(
        Site node,
        TokenBackend backend,
        RedisProcess redis,
        (string Name, Func<RedisProcess, Task> Begin, Func<RedisProcess, Task> End) happening
    )
    {
        backend.AccessTokenLifetime = Life;
        var due = await node.SignInAsync();
        await Task.Delay(Life * 0.5);
        backend.AccessTokenLifetime = ShortLife;
        var expired = await node.SignInAsync();
        backend.AccessTokenLifetime = TimeSpan.FromHours(1);
        var (fresh, leaving) = (await node.SignInAsync(), await node.SignInAsync());
        await Task.Delay(Life * 0.32);

        await happening.Begin(redis);
        var times = await Task.WhenAll(
            TimeAsync(() => node.GetAsync(Page, fresh)),
            TimeAsync(() => node.GetAsync(Page, due)),
            TimeAsync(() => node.GetAsync(Page, expired)),
            TimeAsync(() => SignOutAsync(node, leaving))
        );
        await happening.End(redis);
        await UntilSharedAsync(node);
        return times;
    }

    private static async Task<double> TimeAsync(Func<Task<HttpResponseMessage>> request)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await request();
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static Task<HttpResponseMessage> SignOutAsync(Site node, string cookies) =>
        node.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/auth/logout") { Headers = { { "Cookie", cookies } } });

    private static async Task RestartAsync(RedisProcess redis)
    {
        await redis.KillAsync();
        await redis.StartAgainAsync();
    }

    /// <summary>Sends raw Redis commands, because a client library would first query the state of Redis.</summary>
    private static async Task LimitMemoryAsync(RedisProcess redis, int bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(redis.Address));
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"CONFIG SET maxmemory {bytes}\r\n"));
        using var answer = new StreamReader(client.GetStream());
        if (await answer.ReadLineAsync() is not "+OK")
            throw new InvalidOperationException("Redis did not take the limit.");
    }

    /// <summary>Waits until the node has found Redis, and the settling time of the nodes has passed.</summary>
    private static async Task UntilSharedAsync(Site node)
    {
        while (await StatusAsync(node) is not "Healthy")
            await Task.Delay(50);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
    }

    private static async Task<string?> StatusAsync(Site node)
    {
        var health = await node.Http.GetFromJsonAsync<JsonElement>("/health/ready");
        return health.GetProperty("checks").GetProperty("redis").GetProperty("status").GetString();
    }
}
