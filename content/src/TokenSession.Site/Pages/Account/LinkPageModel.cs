using Microsoft.AspNetCore.Mvc;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>A page that a link in a mail leads to. To open it changes nothing, because programs that check mails open links: only its form
/// uses the link.</summary>
public abstract class LinkPageModel(AccountLinks links, string page) : AccountPageModel
{
    /// <summary>False if the link is too old, or was used before.</summary>
    public bool HasLink { get; private set; }

    public IActionResult OnGet()
    {
        if (links.Take(HttpContext, page))
        {
            return RedirectToPage(page);
        }

        HasLink = links.Read(HttpContext, page) is not null;
        return Page();
    }

    /// <param name="result">What the backend answered.</param>
    /// <param name="consequence">What does not happen if it refused.</param>
    /// <param name="notice">What the login page says if the backend issued no tokens.</param>
    protected IActionResult After(AccountResult result, string consequence, string notice)
    {
        HasLink = result is not AccountResult.LinkInvalid && links.Read(HttpContext, page) is not null;
        return result switch
        {
            AccountResult.Done { Tokens: not null } => LocalRedirect(SessionPages.Home(HttpContext)),
            AccountResult.Done { Email: var email } => ToLogin(notice, email),
            AccountResult.LinkInvalid => Again(StatusCodes.Status400BadRequest),
            _ => Refuse(result, consequence),
        };
    }

    /// <summary>The input is wrong. The link still works.</summary>
    protected IActionResult Again()
    {
        HasLink = links.Read(HttpContext, page) is not null;
        return Again(StatusCodes.Status400BadRequest);
    }
}
