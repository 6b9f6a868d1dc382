using System.Collections.Concurrent;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// Nodes tell each other which session has news, so that nobody need ask again and again. A notice may get lost: whoever relies on one
/// also looks by itself after a while.
/// </summary>
public sealed class RedisNotices(RedisConnection redis, RedisNames names)
{
    private readonly string node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly ConcurrentDictionary<string, NewsWatch> watches = new();
    private bool listens;

    /// <summary>Another node changed the session with this hash.</summary>
    public event Action<string>? Changed;

    public async Task ListenAsync()
    {
        if (listens || !redis.Multiplexer.IsConnected)
        {
            return;
        }

        try
        {
            // After a break the client subscribes anew by itself.
            await redis.Multiplexer.GetSubscriber().SubscribeAsync(names.News, (_, message) => Heard(message.ToString()));
            listens = true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // Not now, or not ever on this Redis: the others are heard of a little later.
        }
    }

    /// <summary>What a node publishes when it has changed a session.</summary>
    public string About(string sessionId) => node + RedisNames.Hash(sessionId);

    /// <summary>Listens for news of this session from now on; a node watches for each session once, in its flight.</summary>
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

    /// <summary>Waits for news of one session.</summary>
    public sealed class NewsWatch(RedisNotices notices, string session) : IDisposable
    {
        private readonly TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Session => session;

        public Task WaitAsync(TimeSpan atMost) => Task.WhenAny(heard.Task, Task.Delay(atMost));

        public void Heard() => heard.TrySetResult();

        public void Dispose() => notices.watches.TryRemove(new(session, this));
    }
}
