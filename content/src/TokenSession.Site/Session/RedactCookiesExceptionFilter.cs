using Microsoft.AspNetCore.Diagnostics;

namespace TokenSessionSite.Session;

/// <summary>Removes cookies and tokens from the developer exception page, because developers share screenshots of it.</summary>
internal sealed class RedactCookiesExceptionFilter : IDeveloperPageExceptionFilter
{
    public Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        errorContext.HttpContext.Request.Headers.Remove("Cookie");
        errorContext.HttpContext.Request.Headers.Remove("Authorization");
        return next(errorContext);
    }
}
