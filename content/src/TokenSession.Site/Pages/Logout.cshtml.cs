using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>Signs out by POST only: a link or a prefetch to this page changes nothing.</summary>
[RefreshSession(false), NothingToSignOut, RequestSizeLimit(BodyLimit.Longest)]
public sealed class LogoutModel(SessionService sessions) : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.SignOutAsync(HttpContext);
        return LocalRedirect("~/");
    }

    /// <summary>The session ended while the page was open. Antiforgery would refuse the form, but its wish is already fulfilled.</summary>
    private sealed class NothingToSignOutAttribute : RestrictionAttribute
    {
        protected override bool AllowsUnknown => true;

        protected override string? Redirect(CurrentSession session, HttpRequest request, TokenSessionOptions options) =>
            session.State is SessionState.SignedOut && HttpMethods.IsPost(request.Method) ? "~/" : null;
    }
}
