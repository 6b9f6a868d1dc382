using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// The one connection to Redis, with a circuit: an answer that does not come at once breaks it, and from then on nobody waits for Redis
/// until <see cref="RedisWatch"/> has found it well again.
/// </summary>
internal sealed class RedisConnection(ConfigurationOptions configuration, ILogger<RedisConnection> logger) : IAsyncDisposable
{
    /// <summary>How long a request waits for an answer. A Redis next door gives it in less than a millisecond.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(75);

    private volatile ConnectionMultiplexer? multiplexer;
    private volatile bool isUp;

    /// <summary>Whether Redis answered when it was asked last.</summary>
    public bool IsUp => isUp;

    /// <summary>There once <see cref="ConnectAsync"/> has ended, whether or not Redis was.</summary>
    public ConnectionMultiplexer Multiplexer => multiplexer ?? throw new InvalidOperationException("This node has not connected to Redis yet.");

    public async Task ConnectAsync() => multiplexer ??= await ConnectionMultiplexer.ConnectAsync(configuration);

    /// <summary>Asks Redis; null when it does not answer, or when the circuit is broken.</summary>
    public async ValueTask<Answer<T>?> AskAsync<T>(Func<IDatabase, Task<T>> question) => isUp ? await TryAsync(question) : null;

    /// <summary>Asks also when the circuit is broken; an answer mends it.</summary>
    /// <returns>Whether it was broken before and is whole now.</returns>
    public async Task<bool> ProbeAsync<T>(Func<IDatabase, Task<T>> question)
    {
        if (await TryAsync(question) is null || isUp)
        {
            return false;
        }

        isUp = true;
        logger.RedisIsBack();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        isUp = false;
        if (multiplexer is { } connected)
        {
            await connected.DisposeAsync();
        }
    }

    private async Task<Answer<T>?> TryAsync<T>(Func<IDatabase, Task<T>> question)
    {
        try
        {
            return new(await InTimeAsync(question(Multiplexer.GetDatabase())));
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (isUp)
            {
                isUp = false;
                logger.RedisIsAway(failure.GetType().Name);
            }

            return null;
        }
    }

    /// <summary>A timer that itself comes late says that this process is busy, and nothing about Redis: then the answer gets more time.
    /// </summary>
    private static async Task<T> InTimeAsync<T>(Task<T> answer)
    {
        var wasLate = true;
        while (wasLate && !answer.IsCompleted)
        {
            var started = TimeProvider.System.GetTimestamp();
            await Task.WhenAny(answer, Task.Delay(Patience));
            wasLate = TimeProvider.System.GetElapsedTime(started) > Patience * 1.5;
        }

        return answer.IsCompleted ? await answer : throw new TimeoutException();
    }
}

/// <summary>What Redis said.</summary>
internal readonly record struct Answer<T>(T Value);
