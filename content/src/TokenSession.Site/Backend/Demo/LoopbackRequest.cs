using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Recognizes requests from this machine. What is open in Development is open to them only.</summary>
internal static class LoopbackRequest
{
    /// <summary>Added by proxies, and kept by ASP.NET Core after it has applied them.</summary>
    private static readonly string[] AddedByProxies = ["X-Forwarded-For", "Forwarded", "X-Original-For"];

    /// <summary>Whether a request was sent from this machine, and not through a proxy or a tunnel.</summary>
    public static bool Matches(HttpContext context) =>
        (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address))
        && !AddedByProxies.Any(context.Request.Headers.ContainsKey);
}
