namespace TokenSessionSite.Session;

public enum SessionState
{
    /// <summary>No session, or one that has ended.</summary>
    SignedOut,

    /// <summary>The session is alive.</summary>
    SignedIn,

    /// <summary>The access token has expired and the backend cannot be asked for the next one, or the session could not be evaluated. The
    /// session is kept.</summary>
    Unknown,
}
