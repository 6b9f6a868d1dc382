using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>Sets the password of the account to which a link was sent.</summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class ResetPasswordModel(AccountService account, AccountLinks links) : LinkPageModel(links, AccountPages.ResetPassword)
{
    [BindProperty]
    [Required(ErrorMessage = NewPasswordRequired)]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? NewPassword { get; set; }

    protected override bool Exists => Traits.ResetsPasswords;

    public async Task<IActionResult> OnPostAsync() =>
        ModelState.IsValid
            ? After(
                await account.ResetPasswordAsync(HttpContext, NewPassword!),
                "your password is not changed",
                "Your password is changed."
            )
            : Again(StatusCodes.Status400BadRequest);
}
