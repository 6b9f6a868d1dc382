using System.Net;
using Microsoft.AspNetCore.Authentication;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// Lets pages and endpoints call the backend without a try and catch. 404 and 403 of the backend stay what they are. If it cannot answer,
/// the response is 503 and "try again". If a call revealed that the session has ended, the user signs in again. Any other answer of the
/// backend, such as 422, is an error of the page that made the call, and stays an exception.
/// </summary>
public sealed partial class BackendExceptionMiddleware(RequestDelegate next, ILogger<BackendExceptionMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ApiExceptionBase exception) when (!context.Response.HasStarted)
        {
            if (StatusFor(context.GetTokenSession(), exception) is not { } status)
            {
                throw;
            }

            (context.Response.ContentType, context.Response.ContentLength) = (null, null);
            if (status is StatusCodes.Status401Unauthorized)
            {
                await context.ChallengeAsync(TokenSessionOptions.Scheme);
                return;
            }

            context.Response.StatusCode = status;
            if (status is StatusCodes.Status503ServiceUnavailable)
            {
                var answer = exception as ApiException;
                BackendCallFailed(context.GetEndpoint()?.DisplayName, answer?.StatusCode, exception);
                context.Response.SetRetryAfter(answer?.Headers?.RetryAfter?.Delta ?? context.GetTokenSession().RetryAfter);
            }
        }
    }

    private static int? StatusFor(CurrentSession session, ApiExceptionBase exception)
    {
        var status = (exception as ApiException)?.StatusCode;
        if (session.State is SessionState.SignedOut && (session.WasSignedIn || status is HttpStatusCode.Unauthorized))
        {
            return StatusCodes.Status401Unauthorized;
        }

        return session.IsAccessTokenRejected
            || status is null or HttpStatusCode.Unauthorized or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || (int)status >= 500
            || ((int)status < 400 && !IsJson(exception))
                ? StatusCodes.Status503ServiceUnavailable
            : status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden ? (int)status
            : null;
    }

    /// <summary>A successful answer in JSON that does not fit the type is an error of the interface, and no outage.</summary>
    private static bool IsJson(ApiExceptionBase exception) =>
        (exception as ApiException)?.ContentHeaders?.ContentType?.MediaType?.Contains("json", StringComparison.OrdinalIgnoreCase) is true;

    [LoggerMessage(LogLevel.Warning, "A backend call of {Endpoint} failed (status code: {Status}). The user was asked to try again.")]
    private partial void BackendCallFailed(string? endpoint, HttpStatusCode? status, Exception exception);
}
