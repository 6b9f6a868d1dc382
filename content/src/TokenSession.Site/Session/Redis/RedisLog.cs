namespace TokenSessionSite.Session.Redis;

/// <summary>The log messages about Redis.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(
        20,
        LogLevel.Warning,
        "Redis does not answer. This node continues with its own memory and signs out no user. Until Redis is back, it does not see the "
            + "changes of other nodes. If this is the first start, check ConnectionStrings:Redis."
    )]
    public static partial void RedisIsAway(this ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Information, "Redis answers. This node shares its sessions with the other nodes.")]
    public static partial void RedisIsBack(this ILogger logger);

    [LoggerMessage(22, LogLevel.Warning, "The Redis probe failed with an unexpected exception. The next probe follows within a second.")]
    public static partial void RedisWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        23,
        LogLevel.Warning,
        "This node has not read the Data Protection keys, because Redis does not answer. It is not ready (/health/ready) and answers 503 "
            + "until it has read them. Check that Redis runs, and check the address and the password in ConnectionStrings:Redis."
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
