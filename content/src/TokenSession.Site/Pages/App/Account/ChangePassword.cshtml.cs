using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Pages.Account;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.App.Account;

/// <summary>Changes the password of the signed-in user.</summary>
[CredentialsRequest, PlainFormFields]
public sealed class ChangePasswordModel(AccountService account) : ChangePageModel(account)
{
    [BindProperty]
    [Required(ErrorMessage = PasswordRequired)]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? Password { get; set; }

    [BindProperty]
    [Required(ErrorMessage = NewPasswordRequired)]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? NewPassword { get; set; }

    [BindProperty, StringLength(Credentials.MaxCodeLength, ErrorMessage = CodeTooLong)]
    public string? Code { get; set; }

    /// <summary>Each recovery code works once. The check would use it, and the sign-in with the new password would need another
    /// one.</summary>
    public override bool AcceptsRecoveryCodes => false;

    public bool EndsOtherSessions => Traits.EndsOtherSessions;

    protected override bool Exists => Traits.ChangesPasswords;

    public async Task<IActionResult> OnPostAsync()
    {
        if (!ModelState.IsValid)
        {
            return await ShowAsync(Again(StatusCodes.Status400BadRequest));
        }

        return await AfterAsync(
            await Account.ChangePasswordAsync(HttpContext, AccountProof.From(Password, Code), NewPassword!),
            "your password is not changed",
            "Your password is changed."
        );
    }
}
