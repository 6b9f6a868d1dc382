namespace TokenSessionSite.Session;

/// <summary>Sees to it that of all nodes of this site one at a time asks the backend to refresh a session. Within a node,
/// <see cref="RefreshCoordinator"/> has made sure of that already.</summary>
public interface IRefreshTurns
{
    /// <summary>Refreshes when it is this node's turn, unless another node did so meanwhile.</summary>
    /// <param name="sessionId">Of the ticket.</param>
    /// <param name="servedUntil">Until then the session can do without: its access token serves. Now or before: it cannot.</param>
    /// <param name="look">What others have found out by now; null: nothing.</param>
    /// <param name="refresh">Asks the backend.</param>
    Task<FlightResult> TakeAsync(
        string sessionId,
        DateTimeOffset servedUntil,
        Func<Task<FlightResult?>> look,
        Func<Task<FlightResult>> refresh
    );
}

/// <summary>A site of one process: it is always its turn.</summary>
public sealed class InProcessRefreshTurns : IRefreshTurns
{
    public async Task<FlightResult> TakeAsync(
        string sessionId,
        DateTimeOffset servedUntil,
        Func<Task<FlightResult?>> look,
        Func<Task<FlightResult>> refresh
    ) => await look() ?? await refresh();
}
