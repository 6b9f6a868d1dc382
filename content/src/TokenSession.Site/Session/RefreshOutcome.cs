namespace TokenSessionSite.Session;

/// <summary>What a request that wanted a fresh access token got, and how.</summary>
public enum RefreshOutcome
{
    /// <summary>The access token in the cookie is fresh; nothing was done.</summary>
    Fresh,

    /// <summary>This request started the flight that brought new tokens.</summary>
    Led,

    /// <summary>This request waited for a flight that another one had started.</summary>
    Joined,

    /// <summary>The cookie was older than the newest; the lineage had its successor. No backend call.</summary>
    Remembered,

    /// <summary>The backend could not answer; nothing is lost, and a still valid access token goes on being used.</summary>
    Deferred,

    /// <summary>This cookie is over: the session has ended, or the cookie was superseded longer ago than the grace.</summary>
    Rejected,
}
