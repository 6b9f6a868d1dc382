namespace TokenSessionSite.Session;

/// <summary>Lets one node of this site at a time refresh a session. Within a node, <see cref="SessionRefresher"/> has one operation a
/// session already.</summary>
public interface IRefreshLock
{
    /// <summary>Refreshes while holding the lock, unless another node refreshed in the meantime.</summary>
    /// <param name="sessionId">Of the ticket.</param>
    /// <param name="validUntil">Until then, the access token can be used and the refresh can be postponed. In the past: it cannot.</param>
    /// <param name="recheck">Looks for the result of another node; null: none.</param>
    /// <param name="refresh">Calls the backend.</param>
    Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    );
}

/// <summary>The lock of a site of one process: always free.</summary>
public sealed class NullRefreshLock : IRefreshLock
{
    public async Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    ) => await recheck() ?? await refresh();
}
