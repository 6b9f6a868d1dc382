using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.Pages.Dev;

/// <summary>
/// For pages that exist in Development and for browsers on this machine only; anybody else gets 404. So does a request to a name that is
/// not this machine's: a page elsewhere may have pointed its own name here (DNS rebinding).
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnThisMachineAttribute : Attribute, IAuthorizationFilter, IOrderedFilter
{
    public int Order => -2000;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        var isDevelopment = http.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment();
        if (!isDevelopment || !ThisMachine.Sent(http) || !IsNamed(http.Request.Host.Host))
        {
            context.Result = new NotFoundResult();
        }
    }

    private static bool IsNamed(string host) =>
        host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
