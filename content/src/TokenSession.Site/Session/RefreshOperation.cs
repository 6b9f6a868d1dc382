namespace TokenSessionSite.Session;

/// <summary>The one refresh under way for a session. It belongs to no request; any number of requests may wait for it.</summary>
/// <param name="ticket">The ticket whose refresh token is exchanged.</param>
/// <param name="isForced">The backend rejected the access token before it expired, so no request can use it.</param>
internal sealed class RefreshOperation(SessionTicket ticket, bool isForced)
    : TaskCompletionSource<RefreshResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public SessionTicket Ticket => ticket;

    public bool IsForced => isForced;

    /// <summary>The token family as it was read last.</summary>
    public TokenFamily? Family { get; set; }
}

internal static class Detached
{
    /// <summary>Runs work that outlives the request, without the request's user, culture and trace.</summary>
    public static void Run(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(work);
        }
    }
}
