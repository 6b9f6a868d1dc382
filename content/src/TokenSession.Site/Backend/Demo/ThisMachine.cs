using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>What is open in Development is open to this machine only.</summary>
internal static class ThisMachine
{
    /// <summary>What proxies add, and what is left of it once ASP.NET Core has believed it.</summary>
    private static readonly string[] AddedByProxies = ["X-Forwarded-For", "Forwarded", "X-Original-For"];

    /// <summary>Whether a request was sent here. What came through a proxy or a tunnel is from elsewhere, however near its last hop.
    /// </summary>
    public static bool Sent(HttpContext context) =>
        (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address))
        && !AddedByProxies.Any(context.Request.Headers.ContainsKey);
}
