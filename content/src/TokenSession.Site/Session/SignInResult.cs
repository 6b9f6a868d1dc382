using TokenSessionSite.Backend;

namespace TokenSessionSite.Session;

/// <summary>How a sign-in ended.</summary>
/// <param name="RetryAfter">When it may be tried again, if it was too many attempts or the backend was unavailable.</param>
public sealed record SignInResult(SignInStatus Status, TimeSpan? RetryAfter = null)
{
    internal static SignInResult From(AuthAnswer answer) =>
        answer switch
        {
            AuthAnswer.Issued => new(SignInStatus.SignedIn),
            AuthAnswer.Refused { Refusal: AuthRefusal.OtpRequired } => new(SignInStatus.OtpRequired),
            AuthAnswer.Refused { Refusal: AuthRefusal.TooManyAttempts } refused => new(SignInStatus.TooManyAttempts, refused.RetryAfter),
            AuthAnswer.Refused => new(SignInStatus.BadCredentials),
            _ => new(SignInStatus.Unavailable, (answer as AuthAnswer.Unavailable)?.RetryAfter),
        };
}

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

    /// <summary>The client left before the answer came.</summary>
    Abandoned,
}
