using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using QRCoder;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.App.Account;

/// <summary>Turns a second factor on (in two steps) and off.</summary>
[CredentialsRequest, PlainFormFields]
public sealed class TwoFactorModel(AccountService account, PendingTwoFactor pending) : ChangePageModel(account)
{
    [BindProperty]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = PasswordTooLong)]
    public string? Password { get; set; }

    [BindProperty, StringLength(Credentials.MaxCodeLength, ErrorMessage = CodeTooLong)]
    public string? Code { get; set; }

    /// <summary>The secret that waits for its first code; null in the other steps.</summary>
    public PendingTwoFactor.Setup? Setup { get; private set; }

    /// <summary>The recovery codes. They are shown only once.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; private set; } = [];

    protected override bool Exists => Traits.HasTwoFactor;

    /// <summary>Whether a second factor is on. If the backend does not say so, it is on when the form asks for a code.</summary>
    public bool IsOn => Status?.HasTwoFactor ?? AsksForCode;

    /// <summary>Whether the user must set up a second factor first.</summary>
    public bool IsRequired { get; private set; }

    public override Task<IActionResult> OnGetAsync()
    {
        Setup = pending.Read(HttpContext);
        return base.OnGetAsync();
    }

    /// <summary>The first step: the password.</summary>
    public async Task<IActionResult> OnPostStartAsync()
    {
        if (!RequiresPassword())
        {
            return await ShowAsync(Again(StatusCodes.Status400BadRequest));
        }

        var result = await Account.StartTwoFactorAsync(HttpContext, AccountProof.From(Password, Code));
        return result is AccountResult.TwoFactorSetup ? RedirectToPage() : await ShowAsync(Refuse(result, "two-step sign-in is still off"));
    }

    /// <summary>The second step: the first code.</summary>
    public async Task<IActionResult> OnPostEnableAsync()
    {
        Setup = pending.Read(HttpContext);
        if (!ModelState.IsValid)
        {
            return await ShowAsync(Again(StatusCodes.Status400BadRequest));
        }

        var result = await Account.EnableTwoFactorAsync(HttpContext, Code);
        switch (result)
        {
            case AccountResult.LinkInvalid:
                return await ShowAsync(Again(StatusCodes.Status400BadRequest, "The code came too late. Enter your password again."));
            case AccountResult.Done { RecoveryCodes: { Count: > 0 } codes } when AcceptsRecoveryCodes:
                (Setup, RecoveryCodes) = (null, codes);
                return Page();
            default:
                Setup = PendingTwoFactor.EndsWith(result) ? null : Setup;
                return await AfterAsync(result, "two-step sign-in is still off", "Two-step sign-in is on.");
        }
    }

    public async Task<IActionResult> OnPostDisableAsync()
    {
        if (!RequiresPassword())
        {
            return await ShowAsync(Again(StatusCodes.Status400BadRequest));
        }

        return await AfterAsync(
            await Account.DisableTwoFactorAsync(HttpContext, AccountProof.From(Password, Code)),
            "two-step sign-in is still on",
            "Two-step sign-in is off."
        );
    }

    /// <summary>Returns the secret as a QR code for an authenticator app.</summary>
    public static IHtmlContent QrCode(string uri)
    {
        using var data = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var picture = new SvgQRCode(data);
        return new HtmlString(picture.GetGraphic(4, "#000", "#fff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute));
    }

    protected override async Task<IActionResult> ShowAsync(IActionResult page)
    {
        IsRequired = await Account.RequiresTwoFactorSetupAsync(HttpContext);
        return await base.ShowAsync(page);
    }

    private bool RequiresPassword()
    {
        if (string.IsNullOrEmpty(Password))
        {
            ModelState.AddModelError(nameof(Password), PasswordRequired);
        }

        return ModelState.IsValid;
    }
}
