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
    private const string Name = "/Account/ForgotPassword";

    [BindProperty]
    [Required(ErrorMessage = EmailRequired)]
    [StringLength(Credentials.MaxEmailLength, ErrorMessage = EmailTooLong)]
    public string? Email { get; set; }

    protected override bool Exists => Traits.ResetsPasswords;

    /// <summary>The address for which a mail was requested.</summary>
    public string? SentTo { get; private set; }

    public void OnGet() => SentTo = Notices.Take(HttpContext, Name)?.Email;

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

        Notices.Write(HttpContext, new(Name, Email: Email.Trim()));
        return RedirectToPage();
    }
}
