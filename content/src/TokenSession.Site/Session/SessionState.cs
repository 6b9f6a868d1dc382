namespace TokenSessionSite.Session;

public enum SessionState
{
    /// <summary>No session, or one that is over.</summary>
    SignedOut,

    /// <summary>A session whose access token can be used.</summary>
    SignedIn,

    /// <summary>A session whose access token has expired while the backend cannot be asked for another. Nobody is signed out for that.
    /// </summary>
    Unknown,
}
