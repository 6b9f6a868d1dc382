using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>The endpoint takes a password or a code, or ends the session. Its requests are checked by
/// <see cref="CredentialsRequestMiddleware"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CredentialsRequestAttribute : Attribute
{
    /// <summary>In bytes: more than the longest form takes in any encoding.</summary>
    public const int MaxBytes = 128 * 1024;
}

/// <summary>
/// Reads a small body completely before a sign-in or sign-out does anything: one that is too long gets 413, and one that is too slow gets
/// 408 (Kestrel: below 240 bytes a second). Warns where a browser would drop the Secure cookies of the sign-in.
/// </summary>
public sealed class CredentialsRequestMiddleware(
    RequestDelegate next,
    IOptions<TokenSessionOptions> options,
    ILogger<CredentialsRequestMiddleware> logger
)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CredentialsRequestAttribute>() is null)
        {
            await next(context);
            return;
        }

        if (options.Value.SecureCookies && !context.Request.IsHttps && HttpMethods.IsPost(context.Request.Method))
        {
            logger.SignInOverPlainHttp();
        }

        if (await ReadBodyAsync(context.Request) is not { } error)
        {
            await next(context);
        }
        else if (context.WantsPage())
        {
            context.Response.StatusCode = error;
        }
        else
        {
            await TypedResults.Problem(statusCode: error).ExecuteAsync(context);
        }
    }

    /// <summary>Null, or the status code of the error.</summary>
    private static async Task<int?> ReadBodyAsync(HttpRequest request)
    {
        if (request.ContentLength > CredentialsRequestAttribute.MaxBytes)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        try
        {
            request.EnableBuffering(CredentialsRequestAttribute.MaxBytes, CredentialsRequestAttribute.MaxBytes);
            await request.Body.DrainAsync(request.HttpContext.RequestAborted);
            request.Body.Position = 0;
            return null;
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode;
        }
        catch (IOException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }
    }
}
