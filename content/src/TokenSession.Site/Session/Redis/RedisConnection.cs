using System.Net.Sockets;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// The connection to Redis, with a circuit breaker. If Redis does not answer within half a second, the circuit opens. No request then waits
/// for Redis until a probe of <see cref="RedisWatch"/> succeeds.
/// </summary>
public sealed class RedisConnection(
    ConfigurationOptions configuration,
    [FromKeyedServices(RedisClock.OfThisMachine)] TimeProvider machine,
    ILogger<RedisConnection> logger
) : IAsyncDisposable
{
    /// <summary>How many times an answer waits for a thread of the pool before its caller receives it.</summary>
    private const int TurnsOfAnAnswer = 4;

    private const string OutOfMemory = "OOM command not allowed";

    /// <summary>How long a request waits for an optional answer. A Redis in the same network answers in less than a millisecond.</summary>
    private static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(75);

    /// <summary>How long a required answer may take before the circuit opens.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the circuit must be open before this node refreshes without the lock. Redis itself delays writes for up to two
    /// seconds while its disk is slow.</summary>
    private static readonly TimeSpan UntilGone = TimeSpan.FromSeconds(2);

    /// <summary>How long all nodes need to write their changes after Redis is back: each node probes about once a second.</summary>
    private static readonly TimeSpan UntilSettled = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait for an answer if this process is too busy to measure the time.</summary>
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(2);

    private volatile ConnectionMultiplexer? multiplexer;
    private volatile bool isUp;
    private volatile Task owed = Task.CompletedTask;
    private volatile Task<bool> absence = Task.FromResult(false);
    private long brokeAt,
        returnedAt;

    /// <summary>The last failure of a command, for the log.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Whether the circuit is closed.</summary>
    public bool IsUp => isUp;

    /// <summary>Whether the circuit is closed, no answer is overdue, and all nodes had time to write their changes after Redis came
    /// back.</summary>
    public bool IsSettled
    {
        get
        {
            var returned = Interlocked.Read(ref returnedAt);
            return isUp && !Hesitates && (returned is 0 || machine.GetElapsedTime(returned) > UntilSettled);
        }
    }

    /// <summary>Whether a command has timed out and is still not answered.</summary>
    private bool Hesitates => !owed.IsCompleted;

    /// <summary>Available after <see cref="ConnectAsync"/>, even if Redis did not answer.</summary>
    public ConnectionMultiplexer Multiplexer =>
        multiplexer ?? throw new InvalidOperationException("This node has not connected to Redis yet.");

    public async Task ConnectAsync() => multiplexer ??= await ConnectionMultiplexer.ConnectAsync(configuration);

    /// <summary>Determines whether Redis is down and not only slow: it refuses connections or writes, or the circuit has been open for two
    /// seconds.</summary>
    public async ValueTask<bool> IsGoneAsync() =>
        !isUp && (machine.GetElapsedTime(Interlocked.Read(ref brokeAt)) > UntilGone || await absence);

    /// <summary>Sends a command. Returns null if the circuit is open, or if the command fails, which opens the circuit.</summary>
    public async ValueTask<Answer<T>?> AskAsync<T>(Func<IDatabase, Task<T>> question) => isUp ? await TryAsync(question) : null;

    /// <summary>Sends a command whose answer is optional. Returns null if Redis does not answer within 75 ms. Such a timeout does not open
    /// the circuit. It only stops other optional commands until the answer has arrived.</summary>
    public async ValueTask<Answer<T>?> AskOptionalAsync<T>(Func<IDatabase, Task<T>> question) =>
        isUp && !Hesitates ? await TryAsync(question, isOptional: true) : null;

    /// <summary>Sends a command even if the circuit is open. An answer closes the circuit.</summary>
    /// <returns>True if the circuit was open and is closed now.</returns>
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

    private async Task<Answer<T>?> TryAsync<T>(Func<IDatabase, Task<T>> question, bool isOptional = false)
    {
        try
        {
            var answer = question(Multiplexer.GetDatabase());
            if (await IsInTimeAsync(answer, isOptional ? Impatience : Patience))
            {
                return new(await answer);
            }

            owed = answer;
            throw new TimeoutException();
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            LastFailure = failure;
            if (!isOptional || failure is not TimeoutException)
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

    /// <summary>Determines whether Redis failed in a way that all nodes see: it has no memory for the lock of any node, or its machine
    /// refuses connections. A timeout or a broken connection is not enough.</summary>
    private async Task<bool> IsAbsentAsync(Exception failure)
    {
        if (failure is RedisServerException)
        {
            return failure.Message.Contains(OutOfMemory, StringComparison.Ordinal);
        }

        if (!string.IsNullOrEmpty(configuration.ServiceName))
        {
            // These are sentinels. If they refuse connections, Redis may still run.
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
                // This server is down. Check the next one.
            }
            catch (Exception unknown) when (unknown is SocketException or OperationCanceledException or NotSupportedException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Waits for an answer. If a timer fires late or the thread pool is busy, this process is slow and not Redis, so the wait is
    /// repeated.</summary>
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

/// <summary>An answer of Redis. A null answer means that there was none.</summary>
public readonly record struct Answer<T>(T Value);
