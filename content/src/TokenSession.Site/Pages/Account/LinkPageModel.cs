using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>A page that a link in a mail leads to. Opening the page changes nothing, because programs that check mails open links: only
/// its form uses the link.</summary>
public abstract class LinkPageModel(AccountLinks links, string page) : AccountPageModel
{
    /// <summary>Identifies the link of the form; null if there is none, or if it is too old.</summary>
    public string? CurrentLink => links.Read(HttpContext, page) is { } token && !isUsed ? AccountLinks.IdOf(token) : null;

    /// <summary>The link of the form that was sent.</summary>
    [BindProperty]
    public string? Link { get; set; }

    /// <summary>True if the task is done, and the user who is signed in stays so.</summary>
    public bool IsDone { get; private set; }

    private bool isUsed;

    /// <summary>What the page says without a link that works.</summary>
    public string InvalidLink =>
        "It was used before, or it is too old. If you have not used it, open it in the mail again, and allow cookies for this site.";

    public IActionResult OnGet() => links.Take(HttpContext, page) ? RedirectToPage(page) : Page();

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        base.OnPageHandlerExecuting(context);

        // Another link was opened meanwhile, perhaps of another account. The user sees the form for it.
        if (HttpMethods.IsPost(Request.Method) && CurrentLink is { } current && Link != current)
        {
            context.Result = Again(StatusCodes.Status400BadRequest, "You opened another link meanwhile. This is the form for it.");
        }
    }

    /// <param name="result">What the backend answered.</param>
    /// <param name="consequence">What does not happen if it refused.</param>
    /// <param name="notice">What is done, for the login page if the backend issued no tokens.</param>
    protected IActionResult After(AccountResult result, string consequence, string notice)
    {
        isUsed = result is AccountResult.Done or AccountResult.LinkInvalid;
        IsDone = result is AccountResult.Done { Tokens: null } && HttpContext.GetTokenSession().State is SessionState.SignedIn;
        return result switch
        {
            AccountResult.Done when IsDone => Page(),
            AccountResult.Done { Tokens: not null } => LocalRedirect(SessionPages.Home(HttpContext)),
            AccountResult.Done { Email: var email } => ToLogin(notice + " Sign in.", email),
            AccountResult.LinkInvalid => Again(StatusCodes.Status400BadRequest),
            _ => Refuse(result, consequence),
        };
    }
}
