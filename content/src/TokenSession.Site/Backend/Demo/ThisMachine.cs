using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>What is open in Development is open to this machine only.</summary>
internal static class ThisMachine
{
    /// <summary>Whether a request was sent here. What came through a proxy or a tunnel is from elsewhere, however near its last hop.
    /// </summary>
    public static bool Sent(HttpContext context) =>
        (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address))
        && !context.Request.Headers.ContainsKey("X-Forwarded-For")
        && !context.Request.Headers.ContainsKey("Forwarded");
}
