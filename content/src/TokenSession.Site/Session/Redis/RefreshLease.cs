using System.Diagnostics;
using Microsoft.Extensions.Http;

namespace TokenSessionSite.Session.Redis;

/// <summary>The time for which this node has the refresh lock of a session. If the node was paused for longer, it must not send the refresh
/// token, because another node may have sent it. Requests of <see cref="IHttpClientFactory"/> clients are checked.</summary>
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

    /// <summary>Records that a command that was sent at this time took or renewed the lock.</summary>
    public void Renewed(Renewal sent) => renewal = sent;

    /// <summary>Records that another node may have had the lock in the meantime. From then on, no request is sent, even if this node takes
    /// the lock again.</summary>
    public void Lost() => isLost = true;

    /// <summary>Records that the backend has answered a POST, so the refresh token was sent. Later requests of the adapter are not
    /// checked.</summary>
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

    /// <summary>When a command was sent, by a timer and by the clock. Only the clock includes the time for which a virtual machine is
    /// suspended.</summary>
    public sealed record Renewal(long Timestamp, DateTime Time)
    {
        public static Renewal Now => new(Stopwatch.GetTimestamp(), DateTime.UtcNow);

        public bool IsRecent => Stopwatch.GetElapsedTime(Timestamp) < Duration && DateTime.UtcNow - Time < Duration;
    }
}

/// <summary>Adds the last handler of each client. It checks the lease directly before a request of a refresh is sent.</summary>
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
