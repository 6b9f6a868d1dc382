using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>The connection to Redis, with a circuit breaker. A command that is not answered in time opens the circuit. Then no request
/// waits for Redis, until Redis answers a probe of <see cref="RedisMonitor"/>.</summary>
public sealed class RedisConnection(ConfigurationOptions configuration, TimeProvider time, ILogger<RedisConnection> logger)
    : IAsyncDisposable
{
    /// <summary>How long a command may take. A Redis in the same network answers in less than a millisecond.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    /// <summary>How long all nodes need after an outage to write what Redis does not have. Each node probes Redis about once a
    /// second.</summary>
    public static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(2);

    /// <summary>How long Redis must be away before this node refreshes without the lock. A replica takes over in this time.</summary>
    public static readonly TimeSpan FailoverTime = TimeSpan.FromSeconds(10);

    private const long Never = long.MinValue;

    private ConnectionMultiplexer? multiplexer;
    private int hasReconnected;
    private volatile bool isUp;
    private volatile int outages;
    private long changedAt = Never;

    /// <summary>The key of the command that opened the circuit. In a cluster, only the server of this key may be away.</summary>
    private RedisKey? failedKey;

    /// <summary>Whether the circuit is closed.</summary>
    public bool IsUp => isUp;

    /// <summary>How many times Redis has been away.</summary>
    public int Outages => outages;

    /// <summary>Whether Redis answers, and all nodes had time to write what Redis did not have.</summary>
    public bool IsSettled => isUp && SinceChange > SettlingTime;

    /// <summary>Whether Redis has been away for longer than a failover takes.</summary>
    public bool IsGone => !isUp && SinceChange > FailoverTime;

    /// <summary>The last failure of a command or of the connection; null: none.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Why Redis cannot be used, and what to check.</summary>
    public string Cause => RedisFailure.Describe(LastFailure, configuration);

    public IDatabase Database => Multiplexer.GetDatabase();

    public ISubscriber Subscriber => Multiplexer.GetSubscriber();

    private ConnectionMultiplexer Multiplexer =>
        multiplexer ?? throw new InvalidOperationException("This node has not connected to Redis yet.");

    private TimeSpan SinceChange => Interlocked.Read(ref changedAt) is var at and not Never ? time.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>Connects. After that, the client itself restores a lost connection.</summary>
    public async Task<bool> TryConnectAsync()
    {
        if (multiplexer is null)
        {
            try
            {
                multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
                multiplexer.ConnectionFailed += (_, failed) => LastFailure = failed.Exception ?? LastFailure;
                multiplexer.ConnectionRestored += (_, _) => Reconnected();
            }
            catch (Exception exception) when (IsOutage(exception))
            {
                LastFailure = exception;
            }
        }

        return multiplexer is not null;
    }

    /// <summary>Whether this exception or an inner exception means that Redis does not answer.</summary>
    public static bool IsOutage(Exception? exception) =>
        // RedisCommandException is not a RedisException. It means, for example, that no server of a cluster can take the command.
        exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException
        || (exception is not null && IsOutage(exception.InnerException));

    /// <summary>Whether the client has reconnected since the last call. Redis may then have lost data, even if no command has
    /// failed.</summary>
    public bool TakeReconnected() => Interlocked.Exchange(ref hasReconnected, 0) is 1;

    /// <summary>Sends a command about one key. Returns null if Redis is away. A failure opens the circuit.</summary>
    public async ValueTask<Answer<T>?> AskAsync<T>(RedisKey key, Func<IDatabase, RedisKey, Task<T>> command)
    {
        if (!isUp)
        {
            return null;
        }

        try
        {
            return new(await SendAsync(key, command));
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            LastFailure = exception;
            failedKey = key;
            if (isUp)
            {
                Interlocked.Exchange(ref changedAt, time.GetTimestamp());
                isUp = false;
                Interlocked.Increment(ref outages);
                logger.RedisIsAway(Cause, exception);
            }

            return null;
        }
    }

    /// <summary>Sends a command even while the circuit is open. An answer closes the circuit.</summary>
    /// <returns>True if the circuit was open and is closed now.</returns>
    public async Task<bool> ProbeAsync(RedisKey key, Func<IDatabase, RedisKey, Task<bool>> command)
    {
        if (isUp)
        {
            await AskAsync(key, command);
            return false;
        }

        try
        {
            await SendAsync(key, command);
            if (failedKey is { } failed)
            {
                await SendAsync(failed, (database, key) => database.KeyExistsAsync(key, CommandFlags.DemandMaster));
            }
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            LastFailure = exception;
            return false;
        }

        if (LastFailure is not null)
        {
            Interlocked.Exchange(ref changedAt, time.GetTimestamp());
        }

        isUp = true;
        logger.RedisIsBack();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        isUp = false;
        if (multiplexer is not null)
        {
            await multiplexer.DisposeAsync();
        }
    }

    private Task<T> SendAsync<T>(RedisKey key, Func<IDatabase, RedisKey, Task<T>> command) => command(Database, key).WaitAsync(Timeout);

    /// <summary>Restarts the settling time: Redis may have lost data, and the nodes write what it does not have.</summary>
    private void Reconnected()
    {
        hasReconnected = 1;
        Interlocked.Exchange(ref changedAt, time.GetTimestamp());
    }
}
