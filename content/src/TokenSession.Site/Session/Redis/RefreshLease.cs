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

    /// <summary>The lock was taken or renewed, unless the answer says something else.</summary>
    /// <param name="sent">The timestamp at which the command was sent.</param>
    /// <param name="isOwner">The answer of Redis, which is returned.</param>
    public bool? Renewed(long sent, bool? isOwner)
    {
        if (isOwner is true)
        {
            Interlocked.Exchange(ref renewedAt, sent);
        }

        return isOwner;
    }

    /// <exception cref="HttpRequestException">The lease has ended.</exception>
    public void ThrowIfLost()
    {
        if (Stopwatch.GetElapsedTime(Interlocked.Read(ref renewedAt)) > Duration)
        {
            WasLost = true;
            throw new HttpRequestException(
                "The refresh token was not sent, because this node did not run for longer than it has the lock."
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
