namespace TokenSessionSite.Session.Account;

/// <summary>What a signed-in user enters before an important change, because another person may use the open session.</summary>
/// <param name="Password">The current password.</param>
/// <param name="Code">The one-time code, if the account has a second factor; null: none was entered.</param>
public sealed record AccountProof(string Password, string? Code = null)
{
    /// <summary>The input of a form. Authenticator apps show a code with spaces: "123 456".</summary>
    public static AccountProof From(string? password, string? code) => new(password ?? "", Credentials.Code(code));

    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a proof";
}
