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

    public static IResult Refuse(int status) => TypedResults.Problem(
        status is StatusCodes.Status413PayloadTooLarge ? "The body is too long." : "The body came too slowly.", statusCode: status,
        extensions: new Dictionary<string, object?> { ["code"] = status is StatusCodes.Status413PayloadTooLarge ? "too_long" : "too_slow" });
}
