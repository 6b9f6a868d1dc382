using System.Net;

namespace TokenSessionSite.Session;

/// <summary>The browser that a user signs in with.</summary>
/// <param name="Address">Its IP address. Behind a proxy, configure forwarded headers; otherwise, it is the address of the proxy.</param>
/// <param name="UserAgent">The header <c>User-Agent</c>; null if there is none.</param>
public sealed record ClientInfo(IPAddress? Address, string? UserAgent)
{
    public static ClientInfo Of(HttpContext context) =>
        new(context.Connection.RemoteIpAddress, context.Request.Headers.UserAgent is [{ Length: > 0 } userAgent, ..] ? userAgent : null);
}
