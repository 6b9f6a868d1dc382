using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>
/// Lets pages call the backend and leave its exceptions alone: what the backend does not have or does not allow is 404 or 403 here too,
/// what it cannot do now is "try again" (503), and where a call brought to light that the session is over, the page's restriction decides
/// anew.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed partial class BackendFailureAttribute : ExceptionFilterAttribute
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

        if (
            failure is ApiException { StatusCode: (HttpStatusCode.NotFound or HttpStatusCode.Forbidden) and var status }
            && !http.GetTokenSession().IsAccessTokenRefused
        )
        {
            context.Result = new StatusCodeResult((int)status);
            return;
        }

        // The message names the call and the status, never a token or a body.
        Unanswered(
            http.RequestServices.GetRequiredService<ILogger<BackendFailureAttribute>>(),
            context.ActionDescriptor.DisplayName,
            failure.Message
        );
        http.Response.Headers.RetryAfter = RetryAfterHeader.Format(null);
        context.Result = new StatusCodeResult(StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(LogLevel.Warning, "The page {Page} got no answer from the backend: {Reason}")]
    private static partial void Unanswered(ILogger logger, string? page, string reason);
}
