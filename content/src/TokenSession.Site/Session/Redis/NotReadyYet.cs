using Microsoft.AspNetCore.Diagnostics;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// A node that starts while Redis is away has no keys: it can open no ticket, and whoever came would look like a guest. Until it has read
/// them it answers 503 to whatever depends on the session, touches no cookie, and <c>/health/ready</c> says why.
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

        // Whatever is answered, the page that says why included, carries no cookie.
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
