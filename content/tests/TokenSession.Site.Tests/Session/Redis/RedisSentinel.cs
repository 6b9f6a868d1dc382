using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>A master with a replica, and a sentinel that makes the replica the master when the master stops.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<RedisServer> servers = [];

    public string Address => $"{servers[^1].Address},serviceName=sessions";

    public RedisServer Master => servers[0];

    public static async Task<RedisSentinel> NewAsync()
    {
        var sentinel = new RedisSentinel();
        var master = await RedisServer.NewAsync("--repl-diskless-sync-delay", "0");
        sentinel.servers.Add(master);
        sentinel.servers.Add(await RedisServer.NewAsync("--replicaof", master.Address.Replace(':', ' ')));
        var settings = sentinel.folder.PathOf("sentinel.conf");
        await File.WriteAllTextAsync(
            settings,
            $"""
            sentinel monitor sessions {master.Address.Replace(':', ' ')} 1
            sentinel down-after-milliseconds sessions 1000
            sentinel failover-timeout sessions 3000

            """
        );
        sentinel.servers.Add(await RedisServer.NewSentinelAsync(settings));
        await Wait.UntilAsync(async () =>
            $"{await sentinel.servers[^1].AskAsync("INFO", "sentinel")}".Contains("slaves=1", StringComparison.Ordinal)
        );
        return sentinel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        folder.Dispose();
    }
}
