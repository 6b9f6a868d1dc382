namespace TokenSessionSite.Session;

/// <summary>Lets one process of this site at a time refresh a session. Within a process, <see cref="SessionRefresher"/> has one operation a
/// session already.</summary>
public interface IRefreshLock
{
    /// <summary>Refreshes while holding the lock, unless another process refreshed in the meantime.</summary>
    /// <param name="sessionId">Of the ticket.</param>
    /// <param name="validUntil">Until then, the access token can be used and the refresh can be postponed. In the past: it cannot.</param>
    /// <param name="recheck">Looks for the result of another process; null: none.</param>
    /// <param name="refresh">Calls the backend.</param>
    Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    );
}
