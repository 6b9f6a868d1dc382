using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>What this site's keys in Redis are called: the cookie prefix first, so that several sites may share one, and session ids as
/// hashes only.</summary>
public sealed class RedisNames(IOptions<TokenSessionOptions> options)
{
    private readonly string prefix = options.Value.CookiePrefix;

    /// <summary>A hash: <c>v</c>, the version of a family, and <c>d</c>, its encrypted rest.</summary>
    public RedisKey Family(string sessionId) => $"{prefix}:family:{Hash(sessionId)}";

    /// <summary>A string: which node's turn it is to refresh the session, or until when nobody may.</summary>
    public RedisKey Lock(string sessionId) => $"{prefix}:lock:{Hash(sessionId)}";

    /// <summary>The channel on which nodes tell each other which session has news.</summary>
    public RedisChannel News => RedisChannel.Literal($"{prefix}:news");

    /// <summary>A list: the Data Protection keys.</summary>
    public RedisKey Keys => $"{prefix}:keys";

    /// <summary>A string: which node may make the first of them.</summary>
    public RedisKey FirstKey => $"{prefix}:first-key";

    /// <summary>A string: the time, written to find out whether Redis takes writes.</summary>
    public RedisKey Probe => $"{prefix}:probe";

    /// <summary>What stands for a session where its id must not be readable.</summary>
    public static string Hash(string sessionId) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(sessionId)));
}
