namespace TokenSessionSite.Session;

/// <summary>Ensures that only one process of this site refreshes a session at a time. Within a process, <see cref="SessionRefresher"/> runs
/// only one operation for each session.</summary>
public interface IRefreshLock
{
    /// <summary>Takes the lock and refreshes, unless another process has refreshed in the meantime.</summary>
    /// <param name="sessionId">The session id of the ticket.</param>
    /// <param name="validUntil">Until this time, the access token can be used, so the refresh can be postponed. A time in the past: it
    /// cannot be postponed.</param>
    /// <param name="recheck">Returns the result of another process; null: none.</param>
    /// <param name="refresh">Calls the backend.</param>
    Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    );
}
