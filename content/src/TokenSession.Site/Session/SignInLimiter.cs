using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Slows down whoever guesses passwords or one-time codes. Only failures count: by client and account, and more loosely by account alone,
/// so that many clients cannot share one guessing game and one client cannot lock somebody else out. What is remembered are hashes under
/// a key of this process, for as long as they matter.
/// </summary>
public sealed class SignInLimiter(IOptions<TokenSessionOptions> options) : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();

    private readonly FailureLimit byClient = new(options.Value.FailedSignInsPerClient, options.Value.FailedSignInPeriod);
    private readonly FailureLimit byAccount = new(options.Value.FailedSignInsPerAccount, options.Value.FailedSignInPeriod);

    /// <summary>Asks for leave to try; the caller says how it ended by <see cref="Attempt.Failed"/> and disposes.</summary>
    public Attempt Begin(IPAddress? client, string account)
    {
        account = account.Trim().ToUpperInvariant();
        var attempt = new Attempt(this, Hash($"{Network(client)}\n{account}"), Hash(account));
        lock (gate)
        {
            attempt.RetryAfter = byClient.Refuses(attempt.ByClient) ?? byAccount.Refuses(attempt.ByAccount);
            if (attempt.RetryAfter is null)
            {
                byClient.Begin(attempt.ByClient);
                byAccount.Begin(attempt.ByAccount);
            }
        }

        return attempt;
    }

    public void Dispose()
    {
        byClient.Dispose();
        byAccount.Dispose();
    }

    private void End(Attempt attempt)
    {
        lock (gate)
        {
            byClient.End(attempt.ByClient, attempt.HasFailed);
            byAccount.End(attempt.ByAccount, attempt.HasFailed);
        }
    }

    private string Hash(string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    /// <summary>Whoever has one address of IPv6 usually has its whole /64.</summary>
    private static string Network(IPAddress? client) =>
        client switch
        {
            { IsIPv4MappedToIPv6: true } => client.MapToIPv4().ToString(),
            { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(client.GetAddressBytes().AsSpan(0, 8)),
            _ => client?.ToString() ?? "",
        };

    /// <summary>One try to sign in.</summary>
    public sealed class Attempt(SignInLimiter limiter, string byClient, string byAccount) : IDisposable
    {
        /// <summary>Null: go ahead. Else there were too many failures, and this is how long to wait.</summary>
        public TimeSpan? RetryAfter { get; internal set; }

        /// <summary>The hash that failures of this client for this account are counted under.</summary>
        public string ByClient => byClient;

        /// <summary>The hash that failures for this account are counted under.</summary>
        public string ByAccount => byAccount;

        internal bool HasFailed { get; private set; }

        /// <summary>The password or the code was wrong.</summary>
        public void Failed() => HasFailed = true;

        public void Dispose()
        {
            if (RetryAfter is null)
            {
                limiter.End(this);
            }
        }
    }

    /// <summary>So many failures at once, and then one more each time its share of the period has passed. Attempts under way count as
    /// failures until they end: a hundred guesses at once are a hundred guesses.</summary>
    private sealed class FailureLimit(int failures, TimeSpan period) : IDisposable
    {
        private readonly Dictionary<string, int> underWay = [];

        private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(hash =>
            RateLimitPartition.GetTokenBucketLimiter(
                hash,
                _ =>
                    new()
                    {
                        TokenLimit = failures,
                        TokensPerPeriod = 1,
                        ReplenishmentPeriod = period / failures,
                    }
            )
        );

        public TimeSpan? Refuses(string hash) =>
            limiter.GetStatistics(hash)!.CurrentAvailablePermits > underWay.GetValueOrDefault(hash) ? null : period / failures;

        public void Begin(string hash) => underWay[hash] = underWay.GetValueOrDefault(hash) + 1;

        public void End(string hash, bool hasFailed)
        {
            if (--underWay[hash] is 0)
            {
                underWay.Remove(hash);
            }

            if (hasFailed)
            {
                limiter.AttemptAcquire(hash).Dispose();
            }
        }

        public void Dispose() => limiter.Dispose();
    }
}
