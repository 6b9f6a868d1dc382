using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>
/// For pages that call the backend and let its exceptions pass: "try again" (503) when a call fails, and the page's restriction decides
/// anew when the call brought to light that the session is over.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BackendFailureAttribute : ExceptionFilterAttribute
{
    public override void OnException(ExceptionContext context)
    {
        if (context.Exception is not ApiExceptionBase failure)
        {
            return;
        }

        var http = context.HttpContext;
        var wasSignedIn = http.User.Identity?.IsAuthenticated is true;
        if (wasSignedIn && http.GetTokenSession().State is SessionState.SignedOut && HttpMethods.IsGet(http.Request.Method))
        {
            var here = http.Request.PathBase.ToUriComponent() + http.Request.Path.ToUriComponent() + http.Request.QueryString;
            context.Result = new LocalRedirectResult(ReturnUrl.Local(here, otherwise: "~/"));
            return;
        }

        // The message names the call and the status, never a token or a body.
        http.RequestServices.GetRequiredService<ILogger<BackendFailureAttribute>>().LogWarning(
            "The page {Page} got no answer from the backend: {Reason}", context.ActionDescriptor.DisplayName, failure.Message);
        http.Response.Headers.RetryAfter = RetryAfterHeader.Format(null);
        context.Result = new StatusCodeResult(StatusCodes.Status503ServiceUnavailable);
    }
}
