using System.Security.Cryptography;
using StackExchange.Redis;

namespace TokenSessionSite.Session.Redis;

/// <summary>Reports to the other nodes which session has changed, so that they need not poll Redis. A message can get lost, so code that
/// waits for one also has a time limit.</summary>
public sealed class SessionChannel(RedisConnection redis, RedisKeys names)
{
    private readonly string node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private bool isSubscribed;

    /// <summary>Occurs when another node has changed a session. The argument is the hash of the session id.</summary>
    public event Action<string>? Changed;

    /// <summary>Subscribes, unless this node is subscribed. The client itself subscribes again after a lost connection.</summary>
    public async Task SubscribeAsync()
    {
        if (isSubscribed || !redis.IsUp)
        {
            return;
        }

        try
        {
            await redis.Subscriber.SubscribeAsync(names.Channel, (_, message) => Receive(message.ToString()));
            isSubscribed = true;
        }
        catch (Exception exception) when (RedisConnection.IsOutage(exception))
        {
            // This user of Redis may not use channels. Then this node notices the changes of other nodes up to a second later.
        }
    }

    /// <summary>Returns the message "this node has changed a session".</summary>
    public string MessageOf(string session) => node + session;

    /// <summary>Waits until another node has changed this session, or until the time is over.</summary>
    public async Task WaitForChangeAsync(string session, TimeSpan atMost)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Changed += Complete;
        try
        {
            await Task.WhenAny(changed.Task, Task.Delay(atMost));
        }
        finally
        {
            Changed -= Complete;
        }

        void Complete(string other)
        {
            if (other == session)
            {
                changed.TrySetResult();
            }
        }
    }

    private void Receive(string message)
    {
        if (message.Length > node.Length && !message.StartsWith(node, StringComparison.Ordinal))
        {
            Changed?.Invoke(message[node.Length..]);
        }
    }
}
