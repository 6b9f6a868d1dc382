namespace TokenSessionSite.Session.Redis;

/// <summary>The log messages of the nodes' shared memory.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(
        20,
        LogLevel.Warning,
        "Redis does not answer. This node continues with its own memory and signs no user out; until Redis is back, it does not know what "
            + "other nodes know. Check ConnectionStrings:Redis if this is the first start."
    )]
    public static partial void RedisIsAway(this ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Information, "Redis answers. This node shares sessions with the others.")]
    public static partial void RedisIsBack(this ILogger logger);

    [LoggerMessage(22, LogLevel.Warning, "The Redis probe failed with an unexpected exception. It is repeated in a second.")]
    public static partial void RedisWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        23,
        LogLevel.Warning,
        "This node has not read the Data Protection keys, because Redis does not answer. It is not ready (/health/ready) and answers 503 "
            + "until it has. Check that Redis runs, and the address and the password in ConnectionStrings:Redis."
    )]
    public static partial void NotReady(this ILogger logger, Exception? exception);

    [LoggerMessage(
        24,
        LogLevel.Warning,
        "The Data Protection keys in Redis are not encrypted: anyone who can read Redis can decrypt tickets. Set "
            + "TokenSession:DataProtectionCertificate to encrypt them."
    )]
    public static partial void KeysNotEncrypted(this ILogger logger);
}
