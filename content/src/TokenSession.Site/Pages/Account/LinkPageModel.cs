using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>The page of a link in a mail. Opening the page changes nothing, because programs that check mails open links. Only the form of
/// the page uses the link.</summary>
public abstract class LinkPageModel(AccountLinks links, string page) : AccountPageModel
{
    /// <summary>Identifies the link of the form; null if there is none, or if it is too old.</summary>
    public string? CurrentLink => links.Read(HttpContext, page) is { } token && !isUsed ? AccountLinks.IdOf(token) : null;

    /// <summary>The link of the form that was sent.</summary>
    [BindProperty]
    public string? Link { get; set; }

    /// <summary>True if the task is done and the user stays signed in.</summary>
    public bool IsDone { get; private set; }

    private bool isUsed;

    /// <summary>The text of the page if the link does not work.</summary>
    public string InvalidLink =>
        "It was used before, or it is too old. If you have not used it, open it in the mail again, and allow cookies for this site.";

    public IActionResult OnGet() => links.Take(HttpContext, page) ? RedirectToPage(page) : Page();

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        base.OnPageHandlerExecuting(context);

        // The user has opened another link in the meantime, perhaps of another account. The page shows the form of that link.
        if (HttpMethods.IsPost(Request.Method) && CurrentLink is { } current && Link != current)
        {
            context.Result = Again(
                StatusCodes.Status400BadRequest,
                "You have opened another link in the meantime. This is the form for that link."
            );
        }
    }

    /// <param name="result">What the backend answered.</param>
    /// <param name="consequence">What does not happen if the backend refused.</param>
    /// <param name="notice">The notice on the login page, if the backend issued no tokens.</param>
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
