namespace TokenSessionSite.Session;

/// <summary>The refresh in progress for a session. No request owns it, and any number of requests can wait for it.</summary>
/// <param name="ticket">The ticket whose refresh token is exchanged.</param>
/// <param name="isForced">True if the backend rejected the access token before its expiry, so that no request can use it.</param>
internal sealed class RefreshOperation(SessionTicket ticket, bool isForced)
    : TaskCompletionSource<RefreshResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public SessionTicket Ticket => ticket;

    public bool IsForced => isForced;

    /// <summary>The token family that was read last.</summary>
    public TokenFamily? Family { get; set; }
}

internal static class Detached
{
    /// <summary>Runs work that continues after the request, without the user, the culture and the trace of the request.</summary>
    public static void Run(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(work);
        }
    }
}
