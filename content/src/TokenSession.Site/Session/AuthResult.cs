using System.Net.Sockets;

namespace TokenSessionSite.Session;

/// <summary>The answer of a backend to a sign-in or a refresh.</summary>
public abstract record AuthResult
{
    private AuthResult() { }

    /// <summary>The backend issued tokens.</summary>
    public sealed record Succeeded(SessionTokens Tokens) : AuthResult;

    /// <summary>The backend refused, with an answer that the adapter recognizes.</summary>
    public sealed record Rejected(RejectionReason Reason, TimeSpan? RetryAfter = null) : AuthResult;

    /// <summary>No answer, or one that makes no sense. The session is kept.</summary>
    /// <param name="Reason">For the log. Contains nothing that the backend sent.</param>
    /// <param name="RetryAfter">What the backend asked for, if it did.</param>
    /// <param name="OutcomeUnknown">The request was sent, and the backend may have carried it out.</param>
    /// <param name="Exception">For the log.</param>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter = null, bool OutcomeUnknown = false, Exception? Exception = null)
        : AuthResult;

    /// <summary>The result of a call that the network failed; null for any other exception.</summary>
    public static Unavailable? FromNetworkFailure(Exception exception)
    {
        Unavailable? result = null;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound }:
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                }:
                    return new("no connection", Exception: exception);
                case OperationCanceledException or TimeoutException:
                    return new("no answer within the time limit", OutcomeUnknown: true, Exception: exception);
                case HttpRequestException or IOException or SocketException:
                    result = new("the connection failed", OutcomeUnknown: true, Exception: exception);
                    break;
            }
        }

        return result;
    }
}

public enum RejectionReason
{
    /// <summary>Unknown user, wrong password, or locked user.</summary>
    InvalidCredentials,

    /// <summary>The one-time code is missing or wrong.</summary>
    OtpRequired,

    TooManyAttempts,

    /// <summary>The refresh token is expired, revoked, spent or unknown.</summary>
    InvalidRefreshToken,
}
