using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Recognizes requests from this machine. Features for Development are limited to them.</summary>
internal static class LoopbackRequest
{
    /// <summary>Two headers of proxies, and the header in which ASP.NET Core keeps the proxy's address after it has applied these
    /// two.</summary>
    private static readonly string[] AddedByProxies = ["X-Forwarded-For", "Forwarded", "X-Original-For"];

    /// <summary>Determines whether a request was sent from this machine, and not through a proxy or a tunnel.</summary>
    public static bool Matches(HttpContext context) =>
        (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address))
        && !AddedByProxies.Any(context.Request.Headers.ContainsKey);
}
