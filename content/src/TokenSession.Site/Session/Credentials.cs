using System.Text.Json.Serialization;

namespace TokenSessionSite.Session;

/// <summary>What a user enters to sign in.</summary>
/// <param name="Otp">The one-time code, for an account with a second factor.</param>
/// <param name="RememberMe">Whether the session outlives the browser.</param>
/// <param name="RecoveryCode">Replaces the one-time code of a user who has lost the device.</param>
public sealed record Credentials(string Email, string Password, string? Otp = null, bool RememberMe = false, string? RecoveryCode = null)
{
    public const int MaxEmailLength = 254,
        MaxPasswordLength = 4096,
        MaxCodeLength = 64;

    /// <summary>The token that the backend issued for the first step of this sign-in (<see cref="AuthResult.Rejected.MfaToken"/>); null:
    /// the password is sent again with the code.</summary>
    public string? MfaToken { get; init; }

    /// <summary>Whether this attempt has a second factor.</summary>
    [JsonIgnore]
    public bool HasCode => Otp is not null || RecoveryCode is not null;

    /// <summary>True if nothing is missing and nothing is too long.</summary>
    [JsonIgnore]
    public bool IsValid =>
        Email.Length is > 0 and <= MaxEmailLength
        && (Password.Length is > 0 and <= MaxPasswordLength || MfaToken is not null)
        && (Otp?.Length ?? 0) <= MaxCodeLength
        && (RecoveryCode?.Length ?? 0) <= MaxCodeLength;

    /// <summary>Reads the input of a form or a script, without the spaces around the e-mail address.</summary>
    public static Credentials From(string? email, string? password, bool rememberMe) =>
        new(email?.Trim() ?? "", password ?? "", RememberMe: rememberMe);

    /// <summary>Returns the same sign-in with a second factor, without the spaces that authenticator apps show in a code.</summary>
    public Credentials With(string? otp, string? recoveryCode) => this with { Otp = Code(otp), RecoveryCode = Code(recoveryCode) };

    /// <summary>Removes the white space from a code; null if nothing is left.</summary>
    public static string? Code(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : string.Concat(text.Where(character => !char.IsWhiteSpace(character)));

    /// <summary>Contains no password.</summary>
    public override string ToString() => "credentials";
}
