using System.Net;

namespace TokenSessionSite.Session;

/// <summary>The log messages of the session. They contain no token, password or session id. Of an answer of the backend, they contain only
/// names and error codes.</summary>
internal static partial class SessionLog
{
    private const string AdapterMessage =
            "The backend adapter (IAuthBackend) threw an exception. This is an error in the adapter and not an outage of the backend. "
            + "Sessions are kept, but each retry may spend a refresh token.",
        CookiesMessage =
            "The cookies of a session take {Bytes} bytes of the response headers. With more than {Limit} bytes, nginx may answer 502 at "
            + "its default proxy_buffer_size. Let the backend issue shorter tokens, set TokenSession:AccessTokenInBrowser to false, or "
            + "increase proxy_buffer_size.",
        DirectoryMessage =
            "The directory {Directory} cannot be used. Sessions are kept in memory. After a restart, a copy of a cookie may work although "
            + "its user signed out. Check the disk and the permissions of the directory.",
        OtherProcessMessage =
            "Another process of this site uses {Directory}. The processes share sessions through files, which is meant only for a restart. "
            + "Stop one of the processes. To run several, turn on the template's option for several nodes (docs/scale-out.md in its "
            + "repository).",
        PlainHttpMessage =
            "A sign-in or sign-out was sent over plain HTTP, where browsers drop Secure cookies. Behind a proxy, configure forwarded "
            + "headers (ASPNETCORE_FORWARDEDHEADERS_ENABLED=true). On a closed network, set TokenSession:AllowInsecureHttp to true.",
        RefusedTokensMessage =
            "The backend refused access tokens that it had just issued ({Answer}), so the session has ended. This is correct if the "
            + "backend has blocked or deleted the user. Otherwise, correct RefusesAccessToken in the adapter: it decides which answers "
            + "refuse a token.",
        RejectedMessage =
            "The backend refused a refresh for a reason that does not end the session ({Reason}). If this reason means that the refresh "
            + "token is invalid, let the adapter return RejectionReason.InvalidRefreshToken.",
        RemovedMessage =
            "The setting TokenSession:{Name} is no longer read. The address comes from the @page directive of the page. Change the "
            + "directive, or set another page in TokenSession:LoginPage or TokenSession:LogoutPage.",
        RevocationMessage =
            "The refresh token was not revoked at the backend. The session has ended on this site. Check Backend:Url. If the adapter "
            + "threw the exception, correct its method SignOutAsync.",
        SaveMessage =
            "A change of a token family could not be saved. A superseded cookie of this session may be accepted for longer, and the "
            + "session may reach its idle limit earlier. The exception names the cause.",
        ThrottleMessage =
            "A sign-in was refused without a call to the backend, because too many sign-ins failed. The next attempt is allowed in "
            + "{RetryAfter}. The limits are TokenSession:FailedSignInsPerClient, FailedSignInsPerAccount and FailedSignInsPerAddress.",
        UnrecognizedMessage =
            "The backend gave an answer that the adapter does not recognize: {Answer}. In {Adapter}.cs, correct the call (path, field "
            + "names), or map the answer to a result.",
        TokenMessage =
            "The cookie {Cookie} would have {Length} bytes. Browsers accept {Limit} bytes, so scripts get no access token. Let the backend "
            + "issue shorter access tokens, or set TokenSession:AccessTokenInBrowser to false.";

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The backend is unavailable: {Reason}. Sessions are kept, and the call is retried later. Check Backend:Url if this does not end."
    )]
    public static partial void BackendUnavailable(this ILogger logger, string reason, Exception? exception);

    [LoggerMessage(2, LogLevel.Information, "The backend rejected the refresh token of generation {Generation}. The session has ended.")]
    public static partial void BackendEndedSession(this ILogger logger, int generation);

    [LoggerMessage(3, LogLevel.Warning, RevocationMessage)]
    public static partial void RevocationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        4,
        LogLevel.Error,
        "The token refresh failed with an unexpected exception, which names the cause. It is retried at the next request."
    )]
    public static partial void RefreshFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, PlainHttpMessage)]
    public static partial void SignInOverPlainHttp(this ILogger logger);

    [LoggerMessage(6, LogLevel.Warning, TokenMessage)]
    public static partial void AccessTokenTooLong(this ILogger logger, string cookie, int length, int limit);

    [LoggerMessage(7, LogLevel.Information, "Sign-in from {Client}: {Result}.")]
    public static partial void SignInEnded(this ILogger logger, IPAddress? client, string result);

    [LoggerMessage(8, LogLevel.Warning, ThrottleMessage)]
    public static partial void TooManyFailedSignIns(this ILogger logger, TimeSpan retryAfter);

    [LoggerMessage(9, LogLevel.Warning, "Refused a request to {Path} from a page of another site.")]
    public static partial void CrossSiteRequestRefused(this ILogger logger, string path);

    [LoggerMessage(10, LogLevel.Error, AdapterMessage)]
    public static partial void AdapterFailed(this ILogger logger, Exception exception);

    [LoggerMessage(11, LogLevel.Error, RejectedMessage)]
    public static partial void RefreshRejected(this ILogger logger, RejectionReason reason);

    [LoggerMessage(
        12,
        LogLevel.Error,
        "The session of a request could not be evaluated. The exception names the cause. Restricted pages answer 503; the cookies are kept."
    )]
    public static partial void SessionFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        13,
        LogLevel.Error,
        "The cookies of the session could not be checked or written. The exception names the cause. The next response tries again."
    )]
    public static partial void CookiesFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        14,
        LogLevel.Error,
        "The end of a session could not be stored. The exception names the cause. Copies of its cookies may work until they expire."
    )]
    public static partial void EndFailed(this ILogger logger, Exception exception);

    [LoggerMessage(15, LogLevel.Warning, CookiesMessage)]
    public static partial void CookiesTooLarge(this ILogger logger, int bytes, int limit);

    [LoggerMessage(16, LogLevel.Warning, "The setting TokenSession:{OldName} is now TokenSession:{NewName}. The next version ignores it.")]
    public static partial void SettingRenamed(this ILogger logger, string oldName, string newName);

    [LoggerMessage(17, LogLevel.Warning, RemovedMessage)]
    public static partial void SettingRemoved(this ILogger logger, string name);

    [LoggerMessage(18, LogLevel.Error, UnrecognizedMessage)]
    public static partial void AnswerNotRecognized(this ILogger logger, string answer, string adapter);

    [LoggerMessage(19, LogLevel.Error, RefusedTokensMessage)]
    public static partial void AccessTokensRefused(this ILogger logger, string answer);

    [LoggerMessage(20, LogLevel.Error, SaveMessage)]
    public static partial void SaveFailed(this ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Error, DirectoryMessage)]
    public static partial void DirectoryFailed(this ILogger logger, string directory, Exception exception);

    [LoggerMessage(22, LogLevel.Warning, OtherProcessMessage)]
    public static partial void OtherProcess(this ILogger logger, string directory);

    [LoggerMessage(
        23,
        LogLevel.Warning,
        "Another process has kept {File} in {Directory} open for too long. The changes of this session are in memory only. Find the "
            + "process that has the file open, for example a virus scanner or a backup."
    )]
    public static partial void FileInUse(this ILogger logger, string file, string directory);
}
