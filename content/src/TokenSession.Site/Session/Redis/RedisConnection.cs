using System.Net.Sockets;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// The one connection to Redis, with a circuit: an answer that does not come within half a second breaks it, and from then on nobody waits
/// for Redis until <see cref="RedisWatch"/> has found it well again.
/// </summary>
public sealed class RedisConnection(
    ConfigurationOptions configuration,
    [FromKeyedServices(RedisClock.OfThisMachine)] TimeProvider machine,
    ILogger<RedisConnection> logger
) : IAsyncDisposable
{
    /// <summary>How often an answer stands in line for a thread on its way from the network to whoever asked.</summary>
    private const int TurnsOfAnAnswer = 4;

    private const string OutOfMemory = "OOM command not allowed";

    /// <summary>How long a request waits for what it can do without. A Redis next door answers in less than a millisecond.</summary>
    private static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(75);

    /// <summary>How long an answer may take before Redis counts as away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long Redis has to be silent before this node does what only one node at a time should do. Redis itself keeps a write
    /// waiting for up to two seconds when its disk is slow.</summary>
    private static readonly TimeSpan UntilGone = TimeSpan.FromSeconds(2);

    /// <summary>How long after its return every node has told it what it missed: each looks for it about once a second.</summary>
    private static readonly TimeSpan UntilSettled = TimeSpan.FromSeconds(2);

    /// <summary>How long it waits when this process is too busy to tell.</summary>
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(2);

    private volatile ConnectionMultiplexer? multiplexer;
    private volatile bool isUp;
    private volatile Task owed = Task.CompletedTask;
    private volatile Task<bool> absence = Task.FromResult(false);
    private long brokeAt,
        returnedAt;

    /// <summary>The last failure of a call; for the log.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Whether Redis answered when it was asked last.</summary>
    public bool IsUp => isUp;

    /// <summary>Whether it is there, owes no answer, and has been there for so long that every node has told it what it missed.</summary>
    public bool IsSettled
    {
        get
        {
            var returned = Interlocked.Read(ref returnedAt);
            return isUp && !Hesitates && (returned is 0 || machine.GetElapsedTime(returned) > UntilSettled);
        }
    }

    /// <summary>It has let somebody wait in vain, and still has not answered that.</summary>
    private bool Hesitates => !owed.IsCompleted;

    /// <summary>There once <see cref="ConnectAsync"/> has ended, whether or not Redis was.</summary>
    public ConnectionMultiplexer Multiplexer =>
        multiplexer ?? throw new InvalidOperationException("This node has not connected to Redis yet.");

    public async Task ConnectAsync() => multiplexer ??= await ConnectionMultiplexer.ConnectAsync(configuration);

    /// <summary>Whether it is gone, and not just slow: it says so itself, or not a single answer came for two seconds.</summary>
    public async ValueTask<bool> IsGoneAsync() =>
        !isUp && (machine.GetElapsedTime(Interlocked.Read(ref brokeAt)) > UntilGone || await absence);

    /// <summary>Asks Redis; null when it does not answer, which breaks the circuit, or when that is broken.</summary>
    public async ValueTask<Answer<T>?> AskAsync<T>(Func<IDatabase, Task<T>> question) => isUp ? await TryAsync(question) : null;

    /// <summary>Asks for what a request can do without: null when the answer does not come at once. Nothing follows from that but that
    /// nobody else asks in passing before it has come.</summary>
    public async ValueTask<Answer<T>?> AskInPassingAsync<T>(Func<IDatabase, Task<T>> question) =>
        isUp && !Hesitates ? await TryAsync(question, inPassing: true) : null;

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

        Interlocked.Exchange(ref returnedAt, Interlocked.Read(ref brokeAt) is 0 ? 0 : machine.GetTimestamp());
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
            var answer = question(Multiplexer.GetDatabase());
            if (await IsInTimeAsync(answer, inPassing ? Impatience : Patience))
            {
                return new(await answer);
            }

            owed = answer;
            throw new TimeoutException();
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            LastFailure = failure;
            if (!inPassing || failure is not TimeoutException)
            {
                Break(failure);
            }

            return null;
        }
    }

    private void Break(Exception failure)
    {
        if (isUp)
        {
            Interlocked.Exchange(ref brokeAt, machine.GetTimestamp());
            absence = IsAbsentAsync(failure);
            isUp = false;
            logger.RedisIsAway(failure);
        }
    }

    /// <summary>What every node that asks now sees alike: Redis says that it has no room for anybody's turn, or its machine says that
    /// nobody listens there. Silence, or a connection that broke, says nothing of the kind.</summary>
    private async Task<bool> IsAbsentAsync(Exception failure)
    {
        if (failure is RedisServerException)
        {
            return failure.Message.Contains(OutOfMemory, StringComparison.Ordinal);
        }

        if (!string.IsNullOrEmpty(configuration.ServiceName))
        {
            // These are sentinels: that they are gone says nothing of Redis.
            return false;
        }

        foreach (var address in configuration.EndPoints)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                using var deadline = new CancellationTokenSource(Impatience);
                await socket.ConnectAsync(address, deadline.Token);
                return false;
            }
            catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused)
            {
                // Not here. There may be others.
            }
            catch (Exception unknown) when (unknown is SocketException or OperationCanceledException or NotSupportedException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An answer has to pass through this process before it is one. When a timer comes late, or the thread pool takes its time,
    /// that says nothing about Redis, and the answer gets more.</summary>
    private static async Task<bool> IsInTimeAsync(Task answer, TimeSpan patience)
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

        return answer.IsCompleted;
    }
}

/// <summary>What Redis said.</summary>
public readonly record struct Answer<T>(T Value);
