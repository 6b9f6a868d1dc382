namespace TokenSessionSite.Session;

/// <summary>The one refresh under way for a session, which any number of requests may wait for.</summary>
public sealed class RefreshFlight(SessionTicket ticket, bool isForced)
{
    private readonly TaskCompletionSource<FlightResult> landing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The ticket whose refresh token is being exchanged.</summary>
    public SessionTicket Ticket => ticket;

    /// <summary>The backend refused the access token before its time: it serves nobody any more.</summary>
    public bool IsForced => isForced;

    public Task<FlightResult> Landing => landing.Task;

    public void Land(FlightResult result) => landing.TrySetResult(result);
}

/// <summary>What a flight brought home.</summary>
public abstract record FlightResult
{
    /// <summary>Tokens newer than those it left with.</summary>
    public sealed record Renewed(int Generation, SessionTokens Tokens) : FlightResult;

    /// <summary>The session has ended, or the backend refused its refresh token.</summary>
    public sealed record Over(DateTimeOffset? EndedAt) : FlightResult;

    /// <summary>No answer that makes sense; not to be tried again before this time.</summary>
    public sealed record Deferred(DateTimeOffset Until) : FlightResult;
}
