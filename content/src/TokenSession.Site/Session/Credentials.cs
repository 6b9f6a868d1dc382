namespace TokenSessionSite.Session;

/// <summary>What a user enters to sign in.</summary>
/// <param name="Otp">The one-time code, for an account with a second factor.</param>
/// <param name="RememberMe">Whether the session outlives the browser.</param>
public sealed record Credentials(string Email, string Password, string? Otp = null, bool RememberMe = false)
{
    public const int MaxEmailLength = 254,
        MaxPasswordLength = 4096,
        MaxOtpLength = 64;

    /// <summary>Nothing is missing, and nothing is too long.</summary>
    public bool IsValid =>
        Email.Length is > 0 and <= MaxEmailLength && Password.Length is > 0 and <= MaxPasswordLength && (Otp?.Length ?? 0) <= MaxOtpLength;

    /// <summary>The input of a form or a script, without the spaces around it.</summary>
    public static Credentials From(string? email, string? password, string? otp, bool rememberMe) =>
        new(email?.Trim() ?? "", password ?? "", string.IsNullOrWhiteSpace(otp) ? null : otp.Trim(), rememberMe);

    /// <summary>Contains no password.</summary>
    public override string ToString() => "credentials";
}
