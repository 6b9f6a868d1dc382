using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>Signs out by POST only: a link or a prefetch to this page changes nothing.</summary>
[AllowAnonymous, SessionEndpoint(Refresh = false), EndedSession, CredentialsRequest]
public sealed class LogoutModel(SessionService sessions) : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.SignOutAsync(HttpContext);
        return LocalRedirect("~/");
    }

    /// <summary>Signs out although the session has ended while the page was open, or its cookie is superseded. Antiforgery would refuse the
    /// form, which belongs to the signed-in user.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    private sealed class EndedSessionAttribute : Attribute, IAsyncAuthorizationFilter, IOrderedFilter
    {
        public int Order => -1000;

        public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
        {
            var http = context.HttpContext;
            if (http.GetTokenSession().State is SessionState.SignedOut && HttpMethods.IsPost(http.Request.Method))
            {
                if (SameOriginFilter.IsSameOrigin(http.Request))
                {
                    await http.RequestServices.GetRequiredService<SessionService>().SignOutAsync(http);
                }

                context.Result = new LocalRedirectResult("~/");
            }
        }
    }
}
