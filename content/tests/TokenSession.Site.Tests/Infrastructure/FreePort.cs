using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Tests.Infrastructure;

internal static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port on which no process listens. It is not returned twice: clients of a stopped server could reach another
    /// server.</summary>
    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }
}
