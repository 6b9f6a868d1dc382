using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Pages.Account;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.App.Account;

/// <summary>A page where the signed-in user changes the account.</summary>
public abstract class ChangePageModel(AccountService account) : AccountPageModel
{
    protected AccountService Account => account;

    /// <summary>What the backend knows about the account; null if it did not answer.</summary>
    public AccountResult.Status? Status { get; private set; }

    /// <summary>Whether a recovery code can replace the one-time code.</summary>
    public virtual bool AcceptsRecoveryCodes => HttpContext.RequestServices.GetRequiredService<IAuthBackend>().Traits.AcceptsRecoveryCodes;

    /// <summary>The field for a one-time code, or for a recovery code, which has letters.</summary>
    public FormField CodeField =>
        new(
            "Code",
            AcceptsRecoveryCodes ? "One-time code or recovery code" : "One-time code",
            "text",
            "one-time-code",
            Credentials.MaxCodeLength
        )
        {
            InputMode = AcceptsRecoveryCodes ? null : "numeric",
            Hint = AcceptsRecoveryCodes && Status?.RecoveryCodesLeft is { } left ? $"Recovery codes left: {left}" : null,
        };

    /// <summary>Whether the form asks for a one-time code. If the backend does not say whether there is a second factor, the form shows the
    /// field after the first answer that asks for a code, and from then on.</summary>
    public bool AsksForCode =>
        Status?.HasTwoFactor is true
        || IsWrong(nameof(AccountField.Code))
        || (HasPosted(nameof(AccountField.Password)) && HasPosted(nameof(AccountField.Code)));

    public virtual async Task<IActionResult> OnGetAsync()
    {
        (Notice, IsQuestion) = (Notices.Take(HttpContext, PageContext.ActionDescriptor.ViewEnginePath)?.Text, true);
        return await ShowAsync(Page());
    }

    /// <summary>Reads the account for the page.</summary>
    protected virtual async Task<IActionResult> ShowAsync(IActionResult page)
    {
        if (await account.GetStatusAsync(HttpContext) is AccountResult.Status status)
        {
            Status = status;
        }

        return HttpContext.GetTokenSession().State is SessionState.SignedOut ? Challenge(TokenSessionOptions.Scheme) : page;
    }

    private bool HasPosted(string field) => Request.HasFormContentType && Request.Form.ContainsKey(field);

    /// <param name="result">What the backend answered.</param>
    /// <param name="consequence">What does not happen if the backend refused.</param>
    /// <param name="saved">The notice if the change is done.</param>
    protected async Task<IActionResult> AfterAsync(AccountResult result, string consequence, string saved)
    {
        switch (result)
        {
            // The change ended the session, or another tab has ended it in the meantime.
            case AccountResult.Done { Email: var email } when HttpContext.GetTokenSession().State is SessionState.SignedOut:
                return ToLogin(saved + " Sign in again.", email);
            case AccountResult.Done:
                Notices.Write(HttpContext, new(PageContext.ActionDescriptor.ViewEnginePath, saved));
                return RedirectToPage();
            default:
                return await ShowAsync(Refuse(result, consequence));
        }
    }
}
