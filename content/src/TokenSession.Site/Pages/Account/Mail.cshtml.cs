using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Backend.Demo.Account;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>The inbox of the demo backend: every mail that it would send. In Development and on this machine only.</summary>
[LocalhostOnly, AllowAnonymous, PlainFormFields]
public sealed class MailModel(DemoAccounts accounts, AccountLinks links) : PageModel
{
    public IEnumerable<DemoMail> Mails => accounts.Mails;

    [BindProperty]
    public string? Email { get; set; }

    /// <summary>Sends an invitation, as an administrator of a real backend would.</summary>
    public IActionResult OnPost()
    {
        if (!string.IsNullOrWhiteSpace(Email))
        {
            accounts.Invite(Email.Trim(), links.AddressOf(HttpContext, AccountPages.AcceptInvitation));
        }

        return RedirectToPage();
    }
}
