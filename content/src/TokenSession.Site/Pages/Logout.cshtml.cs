using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>Signs out by POST only: a link or a prefetch to this page changes nothing.</summary>
[AllowAnonymous, SessionEndpoint(Refresh = false), NothingToSignOut, CredentialsRequest]
public sealed class LogoutModel(SessionService sessions) : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.SignOutAsync(HttpContext);
        return LocalRedirect("~/");
    }

    /// <summary>Redirects if the session ended while the page was open. The user is signed out already, but antiforgery would refuse the
    /// form.</summary>
    private sealed class NothingToSignOutAttribute : RestrictionAttribute
    {
        protected override IActionResult? Restrict(CurrentSession session, HttpContext context) =>
            session.State is SessionState.SignedOut && HttpMethods.IsPost(context.Request.Method) ? new LocalRedirectResult("~/") : null;
    }
}
