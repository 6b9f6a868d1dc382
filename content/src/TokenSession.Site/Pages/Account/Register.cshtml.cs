using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>Creates an account. The text is the same for an address that already has an account.</summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class RegisterModel(AccountService account, IAccountBackend backend, IOptions<AccountOptions> options) : AccountPageModel
{
    private const string Name = "/Account/Register",
        Consequence = "no account is created";

    public bool IsOffered => options.Value.AllowRegistration && backend.Traits.Registers;

    public bool ResetsPasswords => Traits.ResetsPasswords;

    [BindProperty]
    [Required(ErrorMessage = EmailRequired)]
    [StringLength(Credentials.MaxEmailLength, ErrorMessage = EmailTooLong)]
    public string? Email { get; set; }

    [BindProperty]
    [Required(ErrorMessage = NewPasswordRequired)]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? NewPassword { get; set; }

    /// <summary>The address for which a mail was requested.</summary>
    public string? SentTo { get; private set; }

    public void OnGet() => SentTo = Notices.Take(HttpContext, Name)?.Email;

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IsOffered)
        {
            return Refuse(new AccountResult.NotOffered(), Consequence);
        }

        if (!ModelState.IsValid)
        {
            return Again(StatusCodes.Status400BadRequest);
        }

        var result = await account.RegisterAsync(HttpContext, Email!.Trim(), NewPassword!);
        if (result is not AccountResult.Done)
        {
            return Refuse(result, Consequence);
        }

        Notices.Write(HttpContext, new(Name, Email: Email.Trim()));
        return RedirectToPage();
    }
}
