using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Polly;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// Converts the exception of a failed backend call to a response, so that pages and endpoints need no try and catch. A 404 or 403 of the
/// backend keeps its status. If the backend cannot answer, the response is 503 and "try again". If a call showed that the session has
/// ended, the user signs in again. If a call forwarded an upload that is too long or too slow, the response is 413 or 408. Any other
/// answer, such as 422, is an error of the page that did not handle it: the response is 500.
/// </summary>
public sealed partial class BackendExceptionMiddleware(RequestDelegate next, TimeProvider time, ILogger<BackendExceptionMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (!context.Response.HasStarted && IsFailedCall(exception, context.RequestAborted))
        {
            var (session, answer) = (context.GetTokenSession(), exception as ApiException);
            (context.Response.ContentType, context.Response.ContentLength) = (null, null);
            context.Response.StatusCode = exception.GetBaseException() is BadHttpRequestException upload
                ? upload.StatusCode
                : StatusFor(session, answer);
            switch (context.Response.StatusCode)
            {
                case StatusCodes.Status401Unauthorized:
                    await context.ChallengeAsync(TokenSessionOptions.Scheme);
                    break;
                case StatusCodes.Status503ServiceUnavailable:
                    BackendCallFailed(context.GetEndpoint()?.DisplayName, answer?.StatusCode, exception);
                    context.Response.SetRetryAfter(answer?.Headers.RetryAfter.ToDelay(time) ?? session.RetryAfter);
                    break;
                case StatusCodes.Status500InternalServerError:
                    AnswerNotHandled(
                        (int)answer!.StatusCode,
                        answer.HttpMethod,
                        answer.Uri?.AbsolutePath,
                        context.GetEndpoint()?.DisplayName,
                        exception
                    );
                    break;
            }
        }
    }

    /// <summary>Refit throws its own exceptions, except for a method that returns no value, and while a stream is read.</summary>
    private static bool IsFailedCall(Exception exception, CancellationToken aborted) =>
        exception switch
        {
            ApiExceptionBase or HttpIOException or ExecutionRejectedException => true,
            HttpRequestException failure => failure.StatusCode is null,
            OperationCanceledException => !aborted.IsCancellationRequested,
            _ => false,
        };

    private static int StatusFor(CurrentSession session, ApiException? answer)
    {
        var status = answer?.StatusCode;
        var isUnauthorized = status is HttpStatusCode.Unauthorized && AccessTokenHandler.IsForUser(answer!.RequestMessage);
        if (session.State is SessionState.SignedOut && (session.WasSignedIn || isUnauthorized))
        {
            return StatusCodes.Status401Unauthorized;
        }

        return session.IsAccessTokenRejected
            || isUnauthorized
            || status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
            || (status < HttpStatusCode.BadRequest && !IsUnexpectedJson(answer!))
                ? StatusCodes.Status503ServiceUnavailable
            : status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden ? (int)status
            : StatusCodes.Status500InternalServerError;
    }

    /// <summary>A successful answer in JSON that does not fit the type is an error of the interface, and not an outage.</summary>
    private static bool IsUnexpectedJson(ApiException answer) =>
        answer is { InnerException: JsonException, ContentHeaders.ContentType.MediaType: { } type }
        && type.Contains("json", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(LogLevel.Warning, "A backend call of {Endpoint} failed (status code: {Status}). The user was asked to try again.")]
    private partial void BackendCallFailed(string? endpoint, HttpStatusCode? status, Exception exception);

    [LoggerMessage(
        LogLevel.Error,
        "The backend answered {Status} to {Method} {Path}, and {Endpoint} did not handle that. Catch ApiException where the call is made, or "
            + "let the method of the interface return IApiResponse."
    )]
    private partial void AnswerNotHandled(int status, HttpMethod method, string? path, string? endpoint, Exception exception);
}
