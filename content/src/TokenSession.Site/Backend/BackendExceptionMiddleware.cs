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
                BackendDidNotAnswer(context.GetEndpoint()?.DisplayName, exception);
                context.Response.SetRetryAfter((exception as ApiException)?.Headers?.RetryAfter?.Delta);
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
            || (int)status is < 400 or >= 500
                ? StatusCodes.Status503ServiceUnavailable
            : status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden ? (int)status
            : null;
    }

    [LoggerMessage(LogLevel.Warning, "The backend did not answer a call of {Endpoint}. The user was asked to try again.")]
    private partial void BackendDidNotAnswer(string? endpoint, Exception exception);
}
