using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>A sign-in over plain HTTP cannot last where cookies are Secure: says so in the log, with the remedy, before antiforgery refuses
/// its form.</summary>
public sealed class PlainHttpWarning(RequestDelegate next, IOptions<TokenSessionOptions> options, ILogger<PlainHttpWarning> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (options.Value.SecureCookies && !context.Request.IsHttps && IsSignIn(context.Request))
        {
            logger.SignInOverPlainHttp();
        }

        return next(context);
    }

    private bool IsSignIn(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && (
            request.Path.Equals(options.Value.LoginPath, StringComparison.OrdinalIgnoreCase)
            || request.Path.Equals(options.Value.BasePath + "/login", StringComparison.OrdinalIgnoreCase)
        );
}
