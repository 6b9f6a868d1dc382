using System.Collections.Concurrent;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Sends and receives messages about changed sessions, so that nodes need not poll Redis. A message can get lost, so code that waits for
/// one also has a time limit.
/// </summary>
public sealed class RedisNotices(RedisConnection redis, RedisNames names)
{
    private readonly string node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly ConcurrentDictionary<string, NewsWatch> watches = new();
    private bool listens;

    /// <summary>Occurs when another node has changed a session. The argument is the hash of the session id.</summary>
    public event Action<string>? Changed;

    public async Task ListenAsync()
    {
        if (listens || !redis.Multiplexer.IsConnected)
        {
            return;
        }

        try
        {
            // The client subscribes again after it has lost the connection.
            await redis.Multiplexer.GetSubscriber().SubscribeAsync(names.News, (_, message) => Heard(message.ToString()));
            listens = true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // Redis is away, or does not allow channels. This node then notices changes of other nodes a little later.
        }
    }

    /// <summary>Returns the message that this node has changed a session.</summary>
    public string About(string sessionId) => node + RedisNames.Hash(sessionId);

    /// <summary>Starts to watch a session for changes. A node has one watch for each session: that of the refresh operation.</summary>
    public NewsWatch Watch(string sessionId)
    {
        var watch = new NewsWatch(this, RedisNames.Hash(sessionId));
        watches[watch.Session] = watch;
        return watch;
    }

    private void Heard(string message)
    {
        if (message.Length > node.Length && !message.StartsWith(node, StringComparison.Ordinal))
        {
            var session = message[node.Length..];
            Changed?.Invoke(session);
            watches.GetValueOrDefault(session)?.Heard();
        }
    }

    /// <summary>Waits for a change of one session.</summary>
    public sealed class NewsWatch(RedisNotices notices, string session) : IDisposable
    {
        private readonly TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Session => session;

        public Task WaitAsync(TimeSpan atMost) => Task.WhenAny(heard.Task, Task.Delay(atMost));

        public void Heard() => heard.TrySetResult();

        public void Dispose() => notices.watches.TryRemove(new(session, this));
    }
}
