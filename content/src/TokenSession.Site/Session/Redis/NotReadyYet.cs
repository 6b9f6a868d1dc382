using Microsoft.AspNetCore.Diagnostics;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Answers 503 until this node has read the Data Protection keys. A node that starts while Redis is away has no keys: it cannot decrypt
/// tickets, so signed-in users would look like guests. In this state, responses that depend on the session are 503, no response changes a
/// cookie, and <c>/health/ready</c> reports the cause.
/// </summary>
public sealed class NotReadyYet : IMiddleware
{
    private volatile bool isShut = true;

    public bool IsShut => isShut;

    public void Open() => isShut = false;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!isShut)
        {
            return next(context);
        }

        // No response changes a cookie, not even the error page.
        context.GetTokenSession().IsCookieWriterRegistered = true;
        if (!context.DependsOnSession() || context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.SetRetryAfter(wait: null);
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
