using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>Confirms an e-mail address.</summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class ConfirmEmailModel(AccountService account, AccountLinks links) : LinkPageModel(links, AccountPages.ConfirmEmail)
{
    public async Task<IActionResult> OnPostAsync() =>
        After(await account.ConfirmEmailAsync(HttpContext), "your e-mail address is not confirmed", "Your e-mail address is confirmed.");
}
