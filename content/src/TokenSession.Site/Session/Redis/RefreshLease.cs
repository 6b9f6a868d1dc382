using System.Diagnostics;
using Microsoft.Extensions.Http;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// The time for which this node has the refresh lock of a session. A node that was frozen for longer must not send the refresh token: another
/// node may have sent it. Clients of <see cref="IHttpClientFactory"/> are checked.
/// </summary>
public sealed class RefreshLease
{
    /// <summary>A node that crashes delays the others by at most this time.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    private static readonly AsyncLocal<RefreshLease?> Ambient = new();

    private volatile Renewal? renewal;
    private volatile bool isLost,
        isAnswered;

    /// <summary>The lease of the refresh that is running; null: none.</summary>
    public static RefreshLease? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Identifies this owner of the lock.</summary>
    public string Owner { get; } = Guid.NewGuid().ToString("n");

    /// <summary>Whether a request was not sent because the lease had ended.</summary>
    public bool WasLost { get; private set; }

    /// <summary>The lock was taken or renewed by a command that was sent at this time.</summary>
    public void Renewed(Renewal sent) => renewal = sent;

    /// <summary>Another node may have had the lock in the meantime. From here on, nothing is sent, also if this node takes the lock again.
    /// </summary>
    public void Lost() => isLost = true;

    /// <summary>The backend has answered a POST, so the refresh token was sent. What an adapter sends after it is not checked.</summary>
    public void Answered() => isAnswered = true;

    /// <exception cref="HttpRequestException">The lease has ended.</exception>
    public void ThrowIfLost()
    {
        if (!isAnswered && (isLost || renewal is not { IsRecent: true }))
        {
            WasLost = true;
            throw new HttpRequestException(
                "The refresh token was not sent: this node no longer has the refresh lock. It was paused for longer than "
                    + $"{Duration}, or Redis has lost the lock. This node looks for newer tokens and tries again."
            );
        }
    }

    /// <summary>When a command was sent: by a timer, and by the clock, which continues while a virtual machine is suspended.</summary>
    public sealed record Renewal(long Timestamp, DateTime Time)
    {
        public static Renewal Now => new(Stopwatch.GetTimestamp(), DateTime.UtcNow);

        public bool IsRecent => Stopwatch.GetElapsedTime(Timestamp) < Duration && DateTime.UtcNow - Time < Duration;
    }
}

/// <summary>Checks the lease directly before a request of a refresh is sent: the last handler of each client.</summary>
internal sealed class LeaseHandlerFilter : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) =>
        builder =>
        {
            next(builder);
            builder.AdditionalHandlers.Add(new LeaseHandler());
        };

    private sealed class LeaseHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var lease = RefreshLease.Current;
            lease?.ThrowIfLost();
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Post)
            {
                lease?.Answered();
            }

            return response;
        }
    }
}
