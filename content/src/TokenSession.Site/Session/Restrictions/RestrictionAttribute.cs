using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>
/// Decides who may see a page: by an attribute on its model, or by a convention (<see cref="RestrictionConventions"/>). It runs before
/// antiforgery, so that a form sent after the session ended leads to the login page and not to an error.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class RestrictionAttribute : Attribute, IAsyncAuthorizationFilter, IOrderedFilter
{
    public int Order => -1000;

    /// <summary>Where to send the request instead; null lets it pass.</summary>
    protected abstract string? Redirect(CurrentSession session, HttpRequest request, TokenSessionOptions options);

    /// <summary>Whether the page may be shown while nobody knows if the session still lives.</summary>
    protected virtual bool AllowsUnknown => false;

    public Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        if (IsErrorPage(http))
        {
            return Task.CompletedTask;
        }

        var session = http.GetTokenSession();
        if (session.State is SessionState.Unknown)
        {
            if (!AllowsUnknown)
            {
                http.Response.Headers.RetryAfter = RetryAfterHeader.Format(session.RetryAfter);
                context.Result = Refuse(http, StatusCodes.Status503ServiceUnavailable);
            }

            return Task.CompletedTask;
        }

        var options = http.RequestServices.GetRequiredService<IOptions<TokenSessionOptions>>().Value;
        if (Redirect(session, http.Request, options) is { } target)
        {
            context.Result =
                session.State is SessionState.SignedOut && IsFetch(http.Request)
                    ? Refuse(http, StatusCodes.Status401Unauthorized)
                    : new RedirectResult(target);
        }

        return Task.CompletedTask;
    }

    /// <summary>A script wants an answer that it can read, a person wants a page.</summary>
    private static IActionResult Refuse(HttpContext context, int status) =>
        IsFetch(context.Request)
            ? new ObjectResult(new ProblemDetails { Status = status, Title = "The session cannot be used for this." })
            {
                StatusCode = status,
                ContentTypes = { "application/problem+json" },
            }
            : new StatusCodeResult(status);

    /// <summary>The page that says what went wrong is for everybody, whatever was asked for.</summary>
    private static bool IsErrorPage(HttpContext context) =>
        context.Features.Get<IStatusCodeReExecuteFeature>() is not null || context.Features.Get<IExceptionHandlerFeature>() is not null;

    private static bool IsFetch(HttpRequest request) =>
        request.Headers["Sec-Fetch-Mode"].ToString() is { Length: > 0 } mode && mode is not "navigate";
}
