namespace TokenSessionSite.Session;

/// <summary>The one refresh under way for a session. It belongs to no request; any number of requests may wait for it.</summary>
/// <param name="ticket">The ticket whose refresh token is exchanged.</param>
/// <param name="isForced">The backend rejected the access token before it expired: it is of no use any more.</param>
internal sealed class RefreshOperation(SessionTicket ticket, bool isForced)
{
    private readonly TaskCompletionSource<RefreshResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SessionTicket Ticket => ticket;

    public bool IsForced => isForced;

    /// <summary>The token family as it was read last.</summary>
    public TokenFamily? Family { get; set; }

    public Task<RefreshResult> Completion => completion.Task;

    public void Complete(RefreshResult result) => completion.TrySetResult(result);
}
