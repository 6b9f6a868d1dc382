using System.Net.Sockets;

namespace TokenSessionSite.Session;

/// <summary>The answer of a backend to a sign-in or a refresh.</summary>
public abstract record AuthResult
{
    private AuthResult() { }

    /// <summary>The backend issued tokens.</summary>
    public sealed record Succeeded(SessionTokens Tokens) : AuthResult;

    /// <summary>The backend refused, with an answer that the adapter recognizes.</summary>
    /// <param name="Reason">What the answer means.</param>
    /// <param name="RetryAfter">The time until another attempt may succeed; null: the backend does not say.</param>
    /// <param name="MfaToken">Identifies a sign-in that <see cref="RejectionReason.OtpRequired"/> interrupts; null: the backend issues no
    /// token for it. The next attempt has it in <see cref="Credentials.MfaToken"/>, in place of the password.</param>
    public sealed record Rejected(RejectionReason Reason, TimeSpan? RetryAfter = null, string? MfaToken = null) : AuthResult
    {
        /// <summary>Contains no token.</summary>
        public override string ToString() => $"rejected: {Reason}";
    }

    /// <summary>
    /// The backend refused with an answer that the adapter does not recognize (such as an unknown 4xx). The answer is logged as an error.
    /// If the backend keeps refusing the refresh of one session, but not of all, the session ends (<see cref="BackendRefusals"/>).
    /// </summary>
    /// <param name="Answer">For the log: the call, the status and the names in the answer. Contains no value that may be secret.</param>
    public sealed record Unrecognized(string Answer) : AuthResult;

    /// <summary>The backend did not answer, or its answer makes no sense. The session is kept.</summary>
    /// <param name="Reason">For the log. Contains no value that may be secret.</param>
    /// <param name="RetryAfter">The delay that the backend asked for; null: none.</param>
    /// <param name="OutcomeUnknown">True if the request was sent, and the backend may have carried it out.</param>
    /// <param name="Exception">For the log.</param>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter = null, bool OutcomeUnknown = false, Exception? Exception = null)
        : AuthResult;

    /// <summary>Returns the result of a call that failed because of the network; null for any other exception.</summary>
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
    /// <summary>Unknown user or wrong password.</summary>
    InvalidCredentials,

    /// <summary>The password is right. The one-time code is missing or wrong.</summary>
    OtpRequired,

    /// <summary>The password or the one-time code is wrong, and the backend does not say which.</summary>
    InvalidCredentialsOrOtp,

    /// <summary>The account is locked for some time after failed attempts.</summary>
    LockedOut,

    /// <summary>The account may not sign in: it is blocked, or its e-mail address is not confirmed.</summary>
    NotAllowed,

    /// <summary>The backend limits the attempts of this client.</summary>
    TooManyAttempts,

    /// <summary>The refresh token is expired, revoked, spent or unknown.</summary>
    InvalidRefreshToken,
}
