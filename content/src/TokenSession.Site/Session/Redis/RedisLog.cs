namespace TokenSessionSite.Session.Redis;

/// <summary>The log messages about Redis.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(
        30,
        LogLevel.Warning,
        "{Cause} This node continues with its own memory and signs out no user. Until Redis is back, it does not see the changes of other "
            + "nodes."
    )]
    public static partial void RedisIsAway(this ILogger logger, string cause, Exception exception);

    [LoggerMessage(31, LogLevel.Information, "Redis answers. This node shares its sessions with the other nodes.")]
    public static partial void RedisIsBack(this ILogger logger);

    [LoggerMessage(32, LogLevel.Warning, "The Redis probe failed with an unexpected exception. The next probe follows within a second.")]
    public static partial void ProbeFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        33,
        LogLevel.Warning,
        "The Data Protection keys in Redis are not encrypted: a person who can read Redis can decrypt tickets. Set "
            + "TokenSession:DataProtectionCertificate to encrypt them."
    )]
    public static partial void KeysNotEncrypted(this ILogger logger);

    [LoggerMessage(
        34,
        LogLevel.Warning,
        "The clock of Redis differs from the clock of this node by {Difference}. This node uses its own clock. Synchronize the clocks of the "
            + "servers, for example with NTP."
    )]
    public static partial void ClocksDiffer(this ILogger logger, TimeSpan difference);
}
