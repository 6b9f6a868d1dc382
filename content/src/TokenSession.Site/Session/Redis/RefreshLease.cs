using System.Diagnostics;
using Microsoft.Extensions.Http;

namespace TokenSessionSite.Session.Redis;

/// <summary>
/// The time for which this node has the refresh lock of a session. A node that was frozen for longer must not send the refresh token: another
/// node may have sent it.
/// </summary>
public sealed class RefreshLease
{
    /// <summary>A node that crashes delays the others by at most this time.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    private static readonly AsyncLocal<RefreshLease?> Ambient = new();

    private long renewedAt;
    private DateTime renewedAtTime;
    private volatile bool isLost,
        isEnded;

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

    /// <summary>The lock was taken or renewed.</summary>
    /// <param name="sent">When the command was sent.</param>
    /// <param name="sentTime">The same by the clock of the machine, which continues while a virtual machine is suspended.</param>
    public void Renewed(long sent, DateTime sentTime) => (renewedAt, renewedAtTime) = (sent, sentTime);

    /// <summary>Another node may have had the lock in the meantime. From here on, nothing is sent, also if this node takes the lock again.
    /// </summary>
    public void Lost() => isLost = true;

    /// <summary>The refresh has ended. Work that an adapter still does in the background is not checked.</summary>
    public void Ended() => isEnded = true;

    /// <exception cref="HttpRequestException">The lease has ended.</exception>
    public void ThrowIfLost()
    {
        if (!isEnded && (isLost || Stopwatch.GetElapsedTime(renewedAt) > Duration || DateTime.UtcNow - renewedAtTime > Duration))
        {
            WasLost = true;
            throw new HttpRequestException(
                $"The refresh token was not sent: this process was paused for longer than its refresh lock is valid ({Duration})."
            );
        }
    }
}

/// <summary>Checks the lease directly before a refresh is sent: the last handler of each client.</summary>
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
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            RefreshLease.Current?.ThrowIfLost();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
