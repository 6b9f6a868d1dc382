using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>Sends a mail with a link to choose another password.</summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class ForgotPasswordModel(AccountService account) : AccountPageModel
{
    [BindProperty]
    [Required(ErrorMessage = EmailRequired)]
    [StringLength(Credentials.MaxEmailLength, ErrorMessage = EmailTooLong)]
    public string? Email { get; set; }

    /// <summary>The address that a mail was asked for.</summary>
    [TempData]
    public string? SentTo { get; set; }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!ModelState.IsValid)
        {
            return Again(StatusCodes.Status400BadRequest);
        }

        var result = await account.RequestPasswordResetAsync(HttpContext, Email!.Trim());
        if (result is not AccountResult.Done)
        {
            return Refuse(result, "no mail is sent");
        }

        SentTo = Email.Trim();
        return RedirectToPage();
    }
}
