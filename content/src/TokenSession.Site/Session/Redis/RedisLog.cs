namespace TokenSessionSite.Session.Redis;

/// <summary>What the nodes' shared memory says to the log.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(
        20,
        LogLevel.Warning,
        "Redis does not answer ({Failure}). This node goes on by itself and signs nobody out; until Redis is "
            + "back, what other nodes know is not known here."
    )]
    public static partial void RedisIsAway(this ILogger logger, string failure);

    [LoggerMessage(21, LogLevel.Information, "Redis answers: this node shares with the others.")]
    public static partial void RedisIsBack(this ILogger logger);

    [LoggerMessage(22, LogLevel.Warning, "Redis could not be looked after ({Failure}); that is tried again in a second.")]
    public static partial void RedisWatchFailed(this ILogger logger, string failure);

    [LoggerMessage(
        23,
        LogLevel.Warning,
        "This node has not read the keys that tickets are encrypted with, because Redis does not answer: it is "
            + "not ready (/health/ready), and answers 503 until it has."
    )]
    public static partial void NotReady(this ILogger logger);

    [LoggerMessage(
        24,
        LogLevel.Warning,
        "The keys that tickets are encrypted with lie in Redis as they are: whoever reads Redis can read "
            + "sessions. Name a certificate in TokenSession:KeyCertificate to encrypt them."
    )]
    public static partial void KeysLieOpen(this ILogger logger);
}
