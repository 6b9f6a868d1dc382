using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>The names of this site's keys in Redis. They begin with the cookie prefix, so that several sites can share one Redis. Session
/// ids appear as hashes only (<see cref="SharedTokenFamilyStore.Hash"/>). No command uses two keys, because the keys of a cluster are on
/// different servers.</summary>
public sealed class RedisKeys(IOptions<TokenSessionOptions> options)
{
    private readonly string prefix = options.Value.CookiePrefix;

    /// <summary>A hash: <c>v</c> is the version of a token family, and <c>d</c> the encrypted family.</summary>
    public RedisKey Family(string session) => $"{prefix}:family:{session}";

    /// <summary>A string: the owner of the refresh lock.</summary>
    public RedisKey Lock(string session) => $"{prefix}:lock:{session}";

    /// <summary>A string: the time at which all counted attempts are forgotten.</summary>
    public RedisKey Attempts(string limit, string counted) => $"{prefix}:attempts:{limit}:{counted}";

    /// <summary>The channel on which nodes report which session has changed.</summary>
    public RedisChannel Channel => RedisChannel.Literal($"{prefix}:changes");

    /// <summary>A list: the Data Protection keys.</summary>
    public RedisKey DataProtection => $"{prefix}:keys";

    /// <summary>A string that exists while one node may create the first Data Protection key.</summary>
    public RedisKey FirstDataProtectionKey => $"{prefix}:first-key";

    /// <summary>A string: the time, written to check that Redis accepts writes.</summary>
    public RedisKey Probe => $"{prefix}:probe";
}
