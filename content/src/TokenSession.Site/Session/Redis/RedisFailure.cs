using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>Why Redis cannot be used, and what to check.</summary>
internal static class RedisFailure
{
    /// <summary>Whether Redis refused the user or the password. The client has the error code only in the text of an inner exception.</summary>
    public static bool IsWrongUser(Exception? failure) =>
        $"{failure}" is var text
        && (
            text.Contains("NOAUTH", StringComparison.Ordinal)
            || text.Contains("WRONGPASS", StringComparison.Ordinal)
            || text.Contains("invalid password", StringComparison.Ordinal)
        );

    public static string Describe(Exception? failure, ConfigurationOptions configuration)
    {
        var servers = string.Join(", ", configuration.EndPoints.Select(EndPointCollection.ToString));
        return failure switch
        {
            _ when IsWrongUser(failure) => $"Redis at {servers} refused the user or the password. Check user=... and password=...",
            RedisServerException =>
                $"Redis at {servers} refused a command: {failure.Message.TrimEnd('.')}. Check the permissions (ACL) of the user, and the "
                    + "memory of Redis.",
            _ when configuration.Ssl => $"There is no TLS connection to Redis at {servers}. Check the port and the certificate.",
            _ => $"Redis at {servers} does not answer. Check that it runs. If it needs TLS, add ssl=true.",
        };
    }
}
