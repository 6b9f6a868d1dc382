using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Pages.Account;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.App.Account;

/// <summary>Changes the e-mail address of the signed-in user.</summary>
[CredentialsRequest, PlainFormFields]
public sealed class ChangeEmailModel(AccountService account) : ChangePageModel(account)
{
    [BindProperty]
    [Required(ErrorMessage = EmailRequired)]
    [StringLength(Credentials.MaxEmailLength, ErrorMessage = EmailTooLong)]
    public string? Email { get; set; }

    [BindProperty]
    [Required(ErrorMessage = PasswordRequired)]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? Password { get; set; }

    [BindProperty, StringLength(Credentials.MaxCodeLength, ErrorMessage = CodeTooLong)]
    public string? Code { get; set; }

    protected override bool Exists => Traits.ChangesEmails;

    public bool ConfirmsNewEmail => Traits.ConfirmsNewEmail;

    public bool EndsSessions => Traits.NewEmailEndsSessions;

    public async Task<IActionResult> OnPostAsync()
    {
        if (!ModelState.IsValid)
        {
            return await ShowAsync(Again(StatusCodes.Status400BadRequest));
        }

        var email = Email!.Trim();
        var result = await Account.ChangeEmailAsync(HttpContext, AccountProof.From(Password, Code), email);
        return await AfterAsync(
            result,
            "your e-mail address is not changed",
            result is AccountResult.Done { WaitsForMail: true }
                ? $"We have sent a mail to {email}. Open the link in the mail to confirm the address."
                : $"Your e-mail address is {email} now."
        );
    }
}
