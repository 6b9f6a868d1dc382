using System.Net;
using System.Net.Sockets;

namespace Template.Tests.Infrastructure;

public static class FreePort
{
    /// <summary>A port of this machine that no process listens on now.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
