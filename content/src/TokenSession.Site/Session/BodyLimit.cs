using Microsoft.AspNetCore.Http.Metadata;

namespace TokenSessionSite.Session;

/// <summary>
/// What signs in and out takes small bodies only. A body that says it is longer is refused before anybody reads it; one that only turns
/// out to be longer, or that hardly moves, ends where it is read (Kestrel: 413, and 408 below 240 bytes a second).
/// </summary>
public sealed class BodyLimit : IMiddleware
{
    /// <summary>In bytes: the longest credentials, however they are encoded.</summary>
    public const int Longest = 64 * 1024;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var longest = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize;
        if (!(context.Request.ContentLength > longest))
        {
            await next(context);
        }
        else if (context.IsPage())
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        }
        else
        {
            await Refuse(StatusCodes.Status413PayloadTooLarge).ExecuteAsync(context);
        }
    }

    /// <summary>The problem details of a body that was cut off with 413 or 408.</summary>
    public static IResult Refuse(int status)
    {
        var (detail, code) = status is StatusCodes.Status413PayloadTooLarge
            ? ("The body is too long.", "too_long")
            : ("The body came too slowly.", "too_slow");
        return TypedResults.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
    }
}
