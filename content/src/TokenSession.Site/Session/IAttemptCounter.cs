using System.Threading.RateLimiting;

namespace TokenSessionSite.Session;

/// <summary>Counts attempts for <see cref="AttemptLimits"/>.</summary>
public interface IAttemptCounter
{
    /// <summary>Returns how many attempts are left.</summary>
    /// <param name="key">The hash of what is limited, such as an account.</param>
    /// <param name="limit">The limit of this key.</param>
    ValueTask<int> GetRemainingAsync(string key, AttemptLimit limit);

    /// <summary>Counts an attempt.</summary>
    ValueTask CountAsync(string key, AttemptLimit limit);
}

/// <summary>A token bucket: <paramref name="Attempts"/> attempts at once, then one more after each <see cref="Interval"/>.</summary>
/// <param name="Name">Distinguishes the limits.</param>
/// <param name="Attempts">How many attempts are allowed at once, and then in each period.</param>
/// <param name="Period">The period.</param>
public sealed record AttemptLimit(string Name, int Attempts, TimeSpan Period)
{
    /// <summary>The time until one more attempt is allowed.</summary>
    public TimeSpan Interval => Period / Attempts;
}

/// <summary>Counts attempts in the memory of this process.</summary>
public sealed class InMemoryAttemptCounter : IAttemptCounter, IDisposable
{
    private readonly PartitionedRateLimiter<(string Key, AttemptLimit Limit)> limiter = PartitionedRateLimiter.Create<
        (string Key, AttemptLimit Limit),
        (string Key, AttemptLimit Limit)
    >(counted =>
        RateLimitPartition.GetTokenBucketLimiter(
            counted,
            static counted =>
                new()
                {
                    TokenLimit = counted.Limit.Attempts,
                    TokensPerPeriod = 1,
                    ReplenishmentPeriod = counted.Limit.Interval,
                }
        )
    );

    public ValueTask<int> GetRemainingAsync(string key, AttemptLimit limit) =>
        ValueTask.FromResult((int)limiter.GetStatistics((key, limit))!.CurrentAvailablePermits);

    public ValueTask CountAsync(string key, AttemptLimit limit)
    {
        limiter.AttemptAcquire((key, limit)).Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => limiter.Dispose();
}
