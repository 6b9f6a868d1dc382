using Microsoft.AspNetCore.Diagnostics;

namespace TokenSessionSite.Session;

/// <summary>The developer's page for exceptions shows a request's headers and cookies, and people send its picture to others.</summary>
internal sealed class CookielessExceptionPage : IDeveloperPageExceptionFilter
{
    public Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        errorContext.HttpContext.Request.Headers.Remove("Cookie");
        errorContext.HttpContext.Request.Headers.Remove("Authorization");
        return next(errorContext);
    }
}
