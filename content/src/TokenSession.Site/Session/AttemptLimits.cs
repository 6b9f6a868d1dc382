using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace TokenSessionSite.Session;

/// <summary>
/// Limits attempts by client and account, by account, and by client. The second limit stops many clients that try one account, and the
/// third one stops one client that tries many accounts. Accounts and addresses are kept as hashes, until their attempts no longer count.
/// </summary>
/// <param name="counter">Counts the attempts.</param>
/// <param name="name">What is attempted, such as "sign-in".</param>
/// <param name="perClient">How many attempts one client can make for one account at once, and then in each period.</param>
/// <param name="perAccount">The same for one account and all clients together.</param>
/// <param name="perAddress">The same for one client and all accounts together.</param>
/// <param name="period">The period of the three limits.</param>
internal sealed class AttemptLimits(IAttemptCounter counter, string name, int perClient, int perAccount, int perAddress, TimeSpan period)
{
    private readonly AttemptLimit[] limits =
    [
        new($"{name} client account", perClient, period),
        new($"{name} account", perAccount, period),
        new($"{name} client", perAddress, period),
    ];

    /// <summary>Attempts in progress count, too, so that parallel guesses do not exceed the limit.</summary>
    private readonly ConcurrentDictionary<(string Key, AttemptLimit Limit), int> inProgress = new();

    /// <summary>Runs an attempt, unless too many earlier attempts count.</summary>
    /// <param name="client">The address of the client.</param>
    /// <param name="account">The account that the client tries.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="counts">Whether an attempt with this result counts. An aborted attempt counts, because its duration could already
    /// answer a guess.</param>
    /// <param name="refuse">Creates the result of a refused attempt, from the time until the next attempt is allowed.</param>
    public async Task<T> RunAsync<T>(
        IPAddress? client,
        string account,
        Func<Task<T>> attempt,
        Func<T, bool> counts,
        Func<TimeSpan, T> refuse
    )
    {
        var counted = KeysOf(client, account).Zip(limits).ToArray();
        var before = Array.ConvertAll(counted, key => inProgress.AddOrUpdate(key, 1, (_, count) => count + 1) - 1);
        var isCounted = false;
        try
        {
            TimeSpan? wait = null;
            foreach (var ((key, limit), others) in counted.Zip(before))
            {
                if (await counter.GetRemainingAsync(key, limit) <= others && !(limit.Interval < wait))
                {
                    wait = limit.Interval;
                }
            }

            if (wait is { } retryAfter)
            {
                return refuse(retryAfter);
            }

            isCounted = true;
            var result = await attempt();
            isCounted = counts(result);
            return result;
        }
        finally
        {
            try
            {
                foreach (var (key, limit) in isCounted ? counted : [])
                {
                    await counter.CountAsync(key, limit);
                }
            }
            finally
            {
                Array.ForEach(counted, End);
            }
        }
    }

    /// <summary>Returns the hashes under which an attempt is counted.</summary>
    public static IReadOnlyList<string> KeysOf(IPAddress? client, string account)
    {
        account = account.Trim().ToUpperInvariant();
        var address = client switch
        {
            { IsIPv4MappedToIPv6: true } => client.MapToIPv4().ToString(),

            // One client usually has a whole /64 network.
            { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(client.GetAddressBytes().AsSpan(0, 8)),
            _ => client?.ToString() ?? "",
        };
        return [Hash($"{address}\n{account}"), Hash(account), Hash($"{address}\n")];
    }

    private void End((string Key, AttemptLimit Limit) key)
    {
        if (inProgress.AddOrUpdate(key, 0, (_, count) => count - 1) is 0)
        {
            inProgress.TryRemove(new(key, 0));
        }
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
