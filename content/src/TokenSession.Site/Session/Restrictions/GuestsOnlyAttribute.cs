using Microsoft.AspNetCore.Mvc;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>For guests only. A signed-in user is redirected to where the page would have led. While the session is unknown, the page is
/// shown, because the user may want to sign in again.</summary>
public sealed class GuestsOnlyAttribute : RestrictionAttribute
{
    protected override IActionResult? Restrict(CurrentSession session, HttpContext context) =>
        session.IsSignedIn ? new LocalRedirectResult(SessionPages.AfterSignIn(context)) : null;
}
