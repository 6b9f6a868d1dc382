using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Limits failed sign-ins: by client and account, by account, and by client. So neither many clients that try one account nor one client
/// that tries many accounts goes on without limit. Successful sign-ins do not count. Accounts and addresses are kept as hashes with a key
/// of this process, for as long as they count.
/// </summary>
public sealed class SignInThrottle(IOptions<TokenSessionOptions> options) : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();
    private readonly FailureLimit perClientAndAccount = new(options.Value.FailedSignInsPerClient, options.Value.FailedSignInPeriod);
    private readonly FailureLimit perAccount = new(options.Value.FailedSignInsPerAccount, options.Value.FailedSignInPeriod);
    private readonly FailureLimit perAddress = new(options.Value.FailedSignInsPerAddress, options.Value.FailedSignInPeriod);

    /// <summary>Starts an attempt, unless its <see cref="Attempt.RetryAfter"/> is set. Call <see cref="Attempt.RecordFailure"/> on a
    /// failure, and always dispose.</summary>
    public Attempt TryBegin(IPAddress? client, string account)
    {
        account = account.Trim().ToUpperInvariant();
        var address = NetworkOf(client);
        (FailureLimit Limit, string Key)[] limits =
        [
            (perClientAndAccount, Hash($"{address}\n{account}")),
            (perAccount, Hash(account)),
            (perAddress, Hash(address)),
        ];
        lock (gate)
        {
            var retryAfter = limits.Select(limit => limit.Limit.RetryAfter(limit.Key)).FirstOrDefault(wait => wait is not null);
            if (retryAfter is null)
            {
                Array.ForEach(limits, limit => limit.Limit.Begin(limit.Key));
            }

            return new(this, retryAfter is null ? limits : [], retryAfter);
        }
    }

    public void Dispose()
    {
        perClientAndAccount.Dispose();
        perAccount.Dispose();
        perAddress.Dispose();
    }

    private string Hash(string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    /// <summary>One client usually has a whole /64 network of IPv6.</summary>
    private static string NetworkOf(IPAddress? client) =>
        client switch
        {
            { IsIPv4MappedToIPv6: true } => client.MapToIPv4().ToString(),
            { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(client.GetAddressBytes().AsSpan(0, 8)),
            _ => client?.ToString() ?? "",
        };

    /// <summary>One attempt to sign in.</summary>
    public sealed class Attempt : IDisposable
    {
        private readonly SignInThrottle throttle;
        private readonly (FailureLimit Limit, string Key)[] limits;
        private bool hasFailed;

        internal Attempt(SignInThrottle throttle, (FailureLimit Limit, string Key)[] limits, TimeSpan? retryAfter) =>
            (this.throttle, this.limits, RetryAfter) = (throttle, limits, retryAfter);

        /// <summary>How long to wait, if there were too many failures; null: go on.</summary>
        public TimeSpan? RetryAfter { get; }

        /// <summary>The hashes that this attempt is counted under.</summary>
        public IEnumerable<string> Keys => limits.Select(limit => limit.Key);

        public void RecordFailure() => hasFailed = true;

        public void Dispose()
        {
            lock (throttle.gate)
            {
                Array.ForEach(limits, limit => limit.Limit.End(limit.Key, hasFailed));
            }
        }
    }

    /// <summary>A token bucket a key: so many failures at once, then one more each time its share of the period has passed. Attempts in
    /// progress count as failures until they end, so that parallel guesses are counted.</summary>
    internal sealed class FailureLimit(int failures, TimeSpan period) : IDisposable
    {
        private readonly Dictionary<string, int> inProgress = [];

        private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(key =>
            RateLimitPartition.GetTokenBucketLimiter(
                key,
                _ =>
                    new()
                    {
                        TokenLimit = failures,
                        TokensPerPeriod = 1,
                        ReplenishmentPeriod = period / failures,
                    }
            )
        );

        public TimeSpan? RetryAfter(string key) =>
            limiter.GetStatistics(key)!.CurrentAvailablePermits > inProgress.GetValueOrDefault(key) ? null : period / failures;

        public void Begin(string key) => inProgress[key] = inProgress.GetValueOrDefault(key) + 1;

        public void End(string key, bool hasFailed)
        {
            if (--inProgress[key] is 0)
            {
                inProgress.Remove(key);
            }

            if (hasFailed)
            {
                limiter.AttemptAcquire(key).Dispose();
            }
        }

        public void Dispose() => limiter.Dispose();
    }
}
