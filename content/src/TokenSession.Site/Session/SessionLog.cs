using System.Net;

namespace TokenSessionSite.Session;

/// <summary>Everything the session says to the log. Tokens, passwords, session ids and backend answers are never among it.</summary>
public static partial class SessionLog
{
    [LoggerMessage(1, LogLevel.Warning, "The backend could not answer: {Reason}. Nobody is signed out for that.")]
    public static partial void BackendUnavailable(this ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "The backend refused the refresh token of generation {Generation}: that session is over.")]
    public static partial void BackendEndedSession(this ILogger logger, int generation);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "The backend could not be asked to revoke a refresh token ({Failure}); the session is over on this site."
    )]
    public static partial void RevocationFailed(this ILogger logger, string failure);

    [LoggerMessage(4, LogLevel.Error, "A refresh failed in a way that nobody foresaw ({Failure}); it will be tried again.")]
    public static partial void RefreshFailed(this ILogger logger, string failure);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "A sign-in came over plain HTTP, where browsers drop the Secure cookies of the session. Behind a proxy, "
            + "configure forwarded headers (ASPNETCORE_FORWARDEDHEADERS_ENABLED=true); on a closed network, set TokenSession:AllowInsecureHttp."
    )]
    public static partial void SignInOverPlainHttp(this ILogger logger);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "The cookie {Cookie} would be {Length} bytes long, more than the {Longest} that browsers keep: scripts "
            + "go without the access token. Let the backend issue shorter tokens, or set TokenSession:AccessTokenInBrowser to false."
    )]
    public static partial void AccessTokenTooLong(this ILogger logger, string cookie, int length, int longest);

    [LoggerMessage(7, LogLevel.Information, "A sign-in from {Client} ended: {Status}.")]
    public static partial void SignInEnded(this ILogger logger, IPAddress? client, SignInStatus status);

    [LoggerMessage(9, LogLevel.Warning, "Refused a request to {Path} that another site's page sent.")]
    public static partial void OtherSiteRefused(this ILogger logger, string path);

    [LoggerMessage(
        8,
        LogLevel.Warning,
        "Too many failed sign-ins for one account; the next is heard in {Wait}. The backend was not asked."
    )]
    public static partial void TooManyFailedSignIns(this ILogger logger, TimeSpan wait);
}
