namespace TokenSessionSite.Session;

/// <summary>How a request that needs a fresh access token got one, or why it did not.</summary>
public enum RefreshOutcome
{
    /// <summary>The access token in the cookie is fresh. Nothing was done.</summary>
    Fresh,

    /// <summary>This request started the refresh operation that brought new tokens.</summary>
    Refreshed,

    /// <summary>This request waited for a refresh operation that another request had started.</summary>
    Coalesced,

    /// <summary>The cookie was superseded, and the token family held newer tokens. No backend call.</summary>
    Adopted,

    /// <summary>The backend could not answer. The session is kept, and a valid access token stays in use.</summary>
    Postponed,

    /// <summary>The session has ended, or the cookie was superseded longer ago than the grace period.</summary>
    Rejected,
}
