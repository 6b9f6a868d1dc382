using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Marks an endpoint that takes a password or a code, or that ends the session. Its requests are checked by
/// <see cref="CredentialsRequestMiddleware"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CredentialsRequestAttribute : Attribute
{
    /// <summary>The limit of the body in bytes. The longest valid form is shorter in any encoding.</summary>
    public const int MaxBytes = 128 * 1024;
}

/// <summary>Reads the whole body before a sign-in or sign-out begins. A body that is too long gets 413, and a body that is too slow gets
/// 408 (Kestrel: below 240 bytes a second). Warns if the browser would drop the Secure cookies of the sign-in.</summary>
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

    /// <summary>Reads the body. Returns the status code of the error; null: none.</summary>
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
