using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Limits failed sign-ins by client and account, by account, and by client: neither many clients that try one account nor one client that
/// tries many accounts goes without limit. Successful sign-ins do not count. Accounts and addresses are kept as hashes with a key of this
/// process, for as long as they count.
/// </summary>
public sealed class SignInThrottle(IOptions<TokenSessionOptions> options, ILogger<SignInThrottle> logger) : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();

    private readonly FailureLimit[] limits =
    [
        new(options.Value.FailedSignInsPerClient, options.Value.FailedSignInPeriod),
        new(options.Value.FailedSignInsPerAccount, options.Value.FailedSignInPeriod),
        new(options.Value.FailedSignInsPerAddress, options.Value.FailedSignInPeriod),
    ];

    /// <summary>Runs a sign-in, unless too many of them failed.</summary>
    public async Task<AuthResult> RunAsync(IPAddress? client, Credentials credentials, Func<Task<AuthResult>> signIn)
    {
        var counted = limits.Zip(KeysOf(client, credentials.Email)).ToArray();
        lock (gate)
        {
            if (counted.Select(limit => limit.First.RetryAfter(limit.Second)).Max() is { } wait)
            {
                logger.TooManyFailedSignIns(wait);
                return new AuthResult.Rejected(RejectionReason.TooManyAttempts, wait);
            }

            Array.ForEach(counted, limit => limit.First.Begin(limit.Second));
        }

        // An aborted attempt counts: the time until the answer could tell the client enough.
        var hasFailed = true;
        try
        {
            var result = await signIn();
            var reason = (result as AuthResult.Rejected)?.Reason;

            // A missing one-time code is a question, and an answer that the adapter does not recognize is an error of the site.
            hasFailed =
                reason is not (null or RejectionReason.TooManyAttempts)
                && (reason is not RejectionReason.OtpRequired || credentials.HasCode);
            return result;
        }
        finally
        {
            lock (gate)
            {
                Array.ForEach(counted, limit => limit.First.End(limit.Second, hasFailed));
            }
        }
    }

    /// <summary>The hashes that a sign-in is counted under.</summary>
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

    /// <summary>A token bucket a key: so many failures at once, then one more each time its share of the period has passed. Attempts in
    /// progress count as failures until they end, so that parallel guesses are counted.</summary>
    private sealed class FailureLimit(int failures, TimeSpan period) : IDisposable
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
