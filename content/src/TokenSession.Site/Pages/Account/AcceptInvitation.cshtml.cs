using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>Creates the account that a user was invited to.</summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class AcceptInvitationModel(AccountService account, AccountLinks links) : LinkPageModel(links, AccountPages.AcceptInvitation)
{
    [BindProperty]
    [Required(ErrorMessage = NewPasswordRequired)]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? NewPassword { get; set; }

    protected override bool Exists => Traits.Invites;

    public async Task<IActionResult> OnPostAsync() =>
        ModelState.IsValid
            ? After(await account.AcceptInvitationAsync(HttpContext, NewPassword!), "your account is not created", "Your account is ready.")
            : Again(StatusCodes.Status400BadRequest);
}
