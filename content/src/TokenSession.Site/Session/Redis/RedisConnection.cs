using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// The one connection to Redis, with a circuit: an answer that does not come within half a second breaks it, and from then on nobody waits
/// for Redis until <see cref="RedisWatch"/> has found it well again.
/// </summary>
public sealed class RedisConnection(ConfigurationOptions configuration, ILogger<RedisConnection> logger) : IAsyncDisposable
{
    /// <summary>How often an answer stands in line for a thread on its way from the network to whoever asked.</summary>
    private const int TurnsOfAnAnswer = 4;

    /// <summary>How long a request waits for what it can do without. A Redis next door answers in less than a millisecond.</summary>
    private static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(75);

    /// <summary>How long an answer may take before Redis counts as away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long Redis has to be silent before this node does what only one node at a time should do.</summary>
    private static readonly TimeSpan UntilGone = TimeSpan.FromSeconds(2);

    /// <summary>Nodes look for it four times a second while it is away.</summary>
    private static readonly TimeSpan UntilSettled = TimeSpan.FromSeconds(2);

    /// <summary>How long it waits when this process is too busy to tell.</summary>
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(2);

    private volatile ConnectionMultiplexer? multiplexer;
    private volatile bool isUp;
    private long brokeAt,
        returnedAt;

    /// <summary>Whether Redis answered when it was asked last.</summary>
    public bool IsUp => isUp;

    /// <summary>Whether it is gone, and not just slow: not a single answer for two seconds.</summary>
    public bool IsGone => !isUp && TimeProvider.System.GetElapsedTime(Interlocked.Read(ref brokeAt)) > UntilGone;

    /// <summary>Whether it is there, and has been for so long that every node has told it what it missed.</summary>
    public bool IsSettled
    {
        get
        {
            var returned = Interlocked.Read(ref returnedAt);
            return isUp && (returned is 0 || TimeProvider.System.GetElapsedTime(returned) > UntilSettled);
        }
    }

    /// <summary>There once <see cref="ConnectAsync"/> has ended, whether or not Redis was.</summary>
    public ConnectionMultiplexer Multiplexer =>
        multiplexer ?? throw new InvalidOperationException("This node has not connected to Redis yet.");

    public async Task ConnectAsync() => multiplexer ??= await ConnectionMultiplexer.ConnectAsync(configuration);

    /// <summary>Asks Redis; null when it does not answer, which breaks the circuit, or when that is broken.</summary>
    public async ValueTask<Answer<T>?> AskAsync<T>(Func<IDatabase, Task<T>> question) => isUp ? await TryAsync(question) : null;

    /// <summary>Asks for what a request can do without: null when the answer does not come at once, and nothing follows from that.</summary>
    public async ValueTask<Answer<T>?> AskInPassingAsync<T>(Func<IDatabase, Task<T>> question) =>
        isUp ? await TryAsync(question, inPassing: true) : null;

    /// <summary>Asks also when the circuit is broken; an answer mends it.</summary>
    /// <returns>Whether it was broken before and is whole now.</returns>
    public async Task<bool> ProbeAsync(Func<IDatabase, Task> question)
    {
        if (
            await TryAsync(async database =>
            {
                await question(database);
                return true;
            })
                is null
            || isUp
        )
        {
            return false;
        }

        Interlocked.Exchange(ref returnedAt, Interlocked.Read(ref brokeAt) is 0 ? 0 : TimeProvider.System.GetTimestamp());
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

    private async Task<Answer<T>?> TryAsync<T>(Func<IDatabase, Task<T>> question, bool inPassing = false)
    {
        try
        {
            return new(await InTimeAsync(question(Multiplexer.GetDatabase()), inPassing ? Impatience : Patience));
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (isUp && !inPassing)
            {
                Interlocked.Exchange(ref brokeAt, TimeProvider.System.GetTimestamp());
                isUp = false;
                logger.RedisIsAway(failure.GetType().Name);
            }

            return null;
        }
    }

    /// <summary>An answer has to pass through this process before it is one. When a timer comes late, or the thread pool takes its time,
    /// that says nothing about Redis, and the answer gets more.</summary>
    private static async Task<T> InTimeAsync<T>(Task<T> answer, TimeSpan patience)
    {
        for (var waited = TimeSpan.Zero; !answer.IsCompleted && waited < LongestPatience; )
        {
            var started = TimeProvider.System.GetTimestamp();
            await Task.WhenAny(answer, Task.Delay(patience));
            for (var turn = 0; turn < TurnsOfAnAnswer && !answer.IsCompleted; turn++)
            {
                await Task.Factory.StartNew(() => { }, default, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
            }

            var took = TimeProvider.System.GetElapsedTime(started);
            waited = took < patience * 1.3 ? LongestPatience : waited + took;
        }

        return answer.IsCompleted ? await answer : throw new TimeoutException();
    }
}

/// <summary>What Redis said.</summary>
public readonly record struct Answer<T>(T Value);
