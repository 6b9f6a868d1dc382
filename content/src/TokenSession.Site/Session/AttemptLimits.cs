using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;

namespace TokenSessionSite.Session;

/// <summary>
/// Limits attempts by client and account, by account, and by client: neither many clients that try one account nor one client that tries
/// many accounts goes without limit. Accounts and addresses are kept as hashes with a key of this process, for as long as they count.
/// </summary>
/// <param name="perClient">How many attempts of one client at one account count at once, and then in each period.</param>
/// <param name="perAccount">The same for one account and all clients together.</param>
/// <param name="perAddress">The same for one client and all accounts together.</param>
/// <param name="period">The period of the three limits.</param>
internal sealed class AttemptLimits(int perClient, int perAccount, int perAddress, TimeSpan period) : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();
    private readonly Limit[] limits = [new(perClient, period), new(perAccount, period), new(perAddress, period)];

    /// <summary>Runs an attempt, unless too many of them counted.</summary>
    /// <param name="client">The address of the client.</param>
    /// <param name="account">The account that the client tries.</param>
    /// <param name="attempt">What is limited.</param>
    /// <param name="counts">Whether an attempt with this result counts. One that is aborted counts: the time until the answer could tell the
    /// client enough.</param>
    /// <param name="refuse">The result in place of the attempt, with the time until the next one is allowed.</param>
    public async Task<T> RunAsync<T>(
        IPAddress? client,
        string account,
        Func<Task<T>> attempt,
        Func<T, bool> counts,
        Func<TimeSpan, T> refuse
    )
    {
        var counted = limits.Zip(KeysOf(client, account)).ToArray();
        lock (gate)
        {
            if (counted.Select(limit => limit.First.RetryAfter(limit.Second)).Max() is { } wait)
            {
                return refuse(wait);
            }

            Array.ForEach(counted, limit => limit.First.Begin(limit.Second));
        }

        var isCounted = true;
        try
        {
            var result = await attempt();
            isCounted = counts(result);
            return result;
        }
        finally
        {
            lock (gate)
            {
                Array.ForEach(counted, limit => limit.First.End(limit.Second, isCounted));
            }
        }
    }

    /// <summary>The hashes that an attempt is counted under.</summary>
    public IReadOnlyList<string> KeysOf(IPAddress? client, string account)
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

    public void Dispose() => Array.ForEach(limits, limit => limit.Dispose());

    private string Hash(string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    /// <summary>A token bucket a key: so many attempts at once, then one more each time its share of the period has passed. Attempts in
    /// progress count until they end, so that parallel guesses are counted.</summary>
    private sealed class Limit(int attempts, TimeSpan period) : IDisposable
    {
        private readonly Dictionary<string, int> inProgress = [];

        private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(key =>
            RateLimitPartition.GetTokenBucketLimiter(
                key,
                _ =>
                    new()
                    {
                        TokenLimit = attempts,
                        TokensPerPeriod = 1,
                        ReplenishmentPeriod = period / attempts,
                    }
            )
        );

        public TimeSpan? RetryAfter(string key) =>
            limiter.GetStatistics(key)!.CurrentAvailablePermits > inProgress.GetValueOrDefault(key) ? null : period / attempts;

        public void Begin(string key) => inProgress[key] = inProgress.GetValueOrDefault(key) + 1;

        public void End(string key, bool isCounted)
        {
            if (--inProgress[key] is 0)
            {
                inProgress.Remove(key);
            }

            if (isCounted)
            {
                limiter.AttemptAcquire(key).Dispose();
            }
        }

        public void Dispose() => limiter.Dispose();
    }
}
