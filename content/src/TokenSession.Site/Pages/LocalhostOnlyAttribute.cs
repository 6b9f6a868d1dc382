using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.Pages;

/// <summary>Limits a page to Development and to browsers on this machine. Other requests get 404. Requests to a host name other than
/// localhost also get 404, because another site may have pointed its host name to this machine (DNS rebinding).</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LocalhostOnlyAttribute : Attribute, IAuthorizationFilter, IOrderedFilter
{
    public int Order => -2000;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        var isDevelopment = http.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment();
        if (!isDevelopment || !LoopbackRequest.Matches(http) || !IsNamed(http.Request.Host.Host))
        {
            context.Result = new NotFoundResult();
        }
    }

    private static bool IsNamed(string host) =>
        host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
