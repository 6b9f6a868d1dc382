namespace TokenSessionSite.Session;

/// <summary>What somebody types to sign in.</summary>
/// <param name="Otp">The one-time code, if the account has a second factor.</param>
/// <param name="RememberMe">Whether the session outlives the browser.</param>
public sealed record Credentials(string Email, string Password, string? Otp = null, bool RememberMe = false)
{
    public const int LongestEmail = 254,
        LongestPassword = 4096,
        LongestOtp = 64;

    /// <summary>Worth asking the backend: nothing is missing, nothing is absurdly long.</summary>
    public bool IsReasonable =>
        Email.Length is > 0 and <= LongestEmail && Password.Length is > 0 and <= LongestPassword && (Otp?.Length ?? 0) <= LongestOtp;

    /// <summary>Never the password.</summary>
    public override string ToString() => "credentials";
}
