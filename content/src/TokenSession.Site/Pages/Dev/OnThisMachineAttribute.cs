using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace TokenSessionSite.Pages.Dev;

/// <summary>
/// For pages that exist in Development and for browsers on this machine only; anybody else gets 404. A request that came through a
/// proxy or a tunnel, or to a name that is not this machine's (DNS rebinding), is from elsewhere, however near its last hop.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnThisMachineAttribute : Attribute, IAuthorizationFilter, IOrderedFilter
{
    public int Order => -2000;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        if (!http.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment() || !IsNear(http))
        {
            context.Result = new NotFoundResult();
        }
    }

    private static bool IsNear(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && (context.Request.Host.Host is "localhost"
            || (IPAddress.TryParse(context.Request.Host.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host)))
        && !context.Request.Headers.ContainsKey("X-Forwarded-For")
        && !context.Request.Headers.ContainsKey("Forwarded");
}
