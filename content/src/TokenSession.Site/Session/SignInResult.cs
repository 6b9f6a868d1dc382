namespace TokenSessionSite.Session;

/// <summary>How a sign-in ended.</summary>
/// <param name="RetryAfter">When it may be tried again, if it was too many attempts or the backend was unavailable.</param>
public sealed record SignInResult(SignInStatus Status, TimeSpan? RetryAfter = null);

public enum SignInStatus
{
    SignedIn,

    /// <summary>Unknown user, wrong password, locked user: the backend does not say which, and neither does this site.</summary>
    BadCredentials,

    /// <summary>The account has a second factor: the one-time code is missing or wrong.</summary>
    OtpRequired,

    TooManyAttempts,

    /// <summary>The backend is down or does not make sense.</summary>
    Unavailable,
}
