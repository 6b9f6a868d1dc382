using System.Diagnostics;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>Three masters. Each has a third of the keys, and a replica that replaces it when it stops.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private static readonly string[] Settings =
    [
        "--cluster-enabled",
        "yes",
        "--cluster-node-timeout",
        "1000",
        "--repl-diskless-sync-delay",
        "0",
    ];

    private readonly List<RedisServer> servers = [];

    /// <summary>The address of one server. The client finds the others.</summary>
    public string Address => servers[0].Address;

    /// <summary>The masters at the beginning.</summary>
    public IReadOnlyList<RedisServer> Masters => servers[..3];

    public static async Task<RedisCluster> NewAsync()
    {
        var cluster = new RedisCluster();
        for (var server = 0; server < 6; server++)
        {
            cluster.servers.Add(await RedisServer.NewAsync([.. Settings, "--cluster-port", $"{FreePort.Next()}"]));
        }

        string[] create =
        [
            "--cluster",
            "create",
            .. cluster.servers.Select(server => server.Address),
            "--cluster-replicas",
            "1",
            "--cluster-yes",
        ];
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", create) { RedirectStandardOutput = true })!;
        var output = await cli.StandardOutput.ReadToEndAsync();
        await cli.WaitForExitAsync();
        Assert.True(cli.ExitCode is 0, output);
        await Wait.UntilAsync(() => cluster.AllSayAsync("CLUSTER INFO", "cluster_state:ok"));
        // A replica without the data of its master never replaces it. A master says "state=online" of a replica that has the data.
        await Wait.UntilAsync(() => cluster.AllSayAsync("INFO replication", "master_link_status:up", "state=online"));
        return cluster;
    }

    private async Task<bool> AllSayAsync(string command, params string[] either)
    {
        var words = command.Split(' ');
        var answers = await Task.WhenAll(servers.Select(async server => $"{await server.AskAsync(words[0], words[1])}"));
        return answers.All(answer => either.Any(text => answer.Contains(text, StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }
}
