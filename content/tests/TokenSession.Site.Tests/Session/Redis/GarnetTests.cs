using System.Diagnostics;
using System.Net;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>Garnet, which speaks the protocol of Redis. It is a tool of this repository, and this file is not part of the template.</summary>
[Collection(typeof(RealRedisCollection))]
public sealed class GarnetTests
{
    private readonly int port = FreePort.Next();

    [Fact]
    public async Task It_dies_and_comes_back_empty()
    {
        var garnet = await StartAsync();
        try
        {
            await RedisTopologyTests.AssertKeptAsync(
                "Garnet, killed and started again without its data",
                $"127.0.0.1:{port}",
                async () =>
                {
                    await StopAsync(garnet);
                    garnet = await StartAsync();
                }
            );
        }
        finally
        {
            await StopAsync(garnet);
        }
    }

    [Fact]
    public async Task Failed_sign_ins_count_at_all_nodes_together()
    {
        var garnet = await StartAsync();
        try
        {
            await using var nodes = new Nodes(
                $"127.0.0.1:{port}",
                count: 2,
                configure: node => node.With("TokenSession:FailedSignInsPerClient", "4")
            );
            for (var guess = 0; guess < 4; guess++)
            {
                (await nodes.At(guess % 2).NewBrowser().SignInAsync(password: "wrong")).ShouldBe(HttpStatusCode.Unauthorized);
            }

            (await nodes.At(0).NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        }
        finally
        {
            await StopAsync(garnet);
        }
    }

    private async Task<Process> StartAsync()
    {
        string[] garnet = ["tool", "run", "garnet-server", "--", "--port", $"{port}", "--bind", "127.0.0.1", "--lua"];
        var process = Process.Start(new ProcessStartInfo("dotnet", garnet) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var options = ConfigurationOptions.Parse($"127.0.0.1:{port},abortConnect=false");
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await Wait.UntilAsync(() => connection.IsConnected);
        return process;
    }

    private static async Task StopAsync(Process garnet)
    {
        garnet.Kill(entireProcessTree: true);
        await garnet.WaitForExitAsync();
        garnet.Dispose();
    }
}
