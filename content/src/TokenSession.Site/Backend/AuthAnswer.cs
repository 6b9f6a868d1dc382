using System.Net.Sockets;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>What a backend said to a sign-in or a refresh.</summary>
public abstract record AuthAnswer
{
    private AuthAnswer() { }

    /// <summary>New tokens.</summary>
    public sealed record Issued(SessionTokens Tokens) : AuthAnswer;

    /// <summary>A clear no.</summary>
    public sealed record Refused(AuthRefusal Refusal, TimeSpan? RetryAfter = null) : AuthAnswer;

    /// <summary>No answer, or none that makes sense: nothing is known about the session, and nothing is deleted.</summary>
    /// <param name="Reason">For the log; never anything that the backend sent.</param>
    /// <param name="RetryAfter">When the backend asked to come back.</param>
    /// <param name="AnswerLost">The request was sent and may have been carried out.</param>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter = null, bool AnswerLost = false) : AuthAnswer;

    /// <summary>The call failed without an answer.</summary>
    public static Unavailable From(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case OperationCanceledException:
                    return new("it did not answer in time", AnswerLost: true);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound }:
                    return new("no connection");
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                }:
                    return new("no connection");
            }
        }

        return new($"the call failed ({failure.GetType().Name})", AnswerLost: true);
    }
}

public enum AuthRefusal
{
    /// <summary>Unknown user, wrong password, locked user.</summary>
    BadCredentials,

    /// <summary>The one-time code is missing or wrong.</summary>
    OtpRequired,

    TooManyAttempts,

    /// <summary>The refresh token is no good: expired, revoked, used before, or never issued.</summary>
    TokenRejected,
}
