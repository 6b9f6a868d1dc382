using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Template.Tests.Infrastructure;

public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port of this machine that no process listens on now. It is not returned twice: two servers that start at the same time
    /// need two ports.</summary>
    public static int Find()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true))
                return port;
        }
    }
}
