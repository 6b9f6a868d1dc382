using Microsoft.AspNetCore.Mvc;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>Restricts a page to guests. A signed-in user is redirected to the page that follows a sign-in. While the session is unknown,
/// the page is shown, because the user may want to sign in again.</summary>
public sealed class GuestsOnlyAttribute : RestrictionAttribute
{
    protected override IActionResult? Restrict(CurrentSession session, HttpContext context) =>
        session.IsSignedIn ? new LocalRedirectResult(SessionPages.AfterSignIn(context)) : null;
}
