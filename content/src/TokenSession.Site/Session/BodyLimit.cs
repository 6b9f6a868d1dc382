using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace TokenSessionSite.Session;

/// <summary>
/// What signs in and out takes small bodies only, and reads them whole before it does anything: one that is too long gets 413, one that
/// hardly moves 408 (Kestrel: below 240 bytes a second). Endpoints of your own join by a <c>[RequestSizeLimit]</c> of up to
/// <see cref="Longest"/>; what takes more, an upload, is read by its endpoint as ever.
/// </summary>
public sealed class BodyLimit(RequestDelegate next)
{
    /// <summary>In bytes: the longest credentials, however they are encoded.</summary>
    public const int Longest = 64 * 1024;

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize is { } longest && longest <= Longest
            ? ReadFirstAsync(context, longest)
            : next(context);

    private async Task ReadFirstAsync(HttpContext context, long longest)
    {
        if (await ReadAsync(context.Request, longest) is not { } refusal)
        {
            await next(context);
        }
        else if (context.IsPage())
        {
            context.Response.StatusCode = refusal;
        }
        else
        {
            await TypedResults.Problem(statusCode: refusal).ExecuteAsync(context);
        }
    }

    /// <summary>Null, or the status of what is wrong with the body.</summary>
    private static async Task<int?> ReadAsync(HttpRequest request, long longest)
    {
        if (request.ContentLength > longest)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        try
        {
            request.EnableBuffering(bufferThreshold: (int)longest, bufferLimit: longest);
            await request.Body.DrainAsync(request.HttpContext.RequestAborted);
            request.Body.Position = 0;
            return null;
        }
        catch (BadHttpRequestException cutOff)
        {
            return cutOff.StatusCode;
        }
        catch (IOException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }
    }
}
