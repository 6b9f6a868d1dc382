using Microsoft.AspNetCore.Mvc;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>Restricts a page to signed-in users. A guest is redirected to the login page, and after sign-in back to this page.</summary>
public sealed class RequireSessionAttribute : RestrictionAttribute
{
    protected override IActionResult? Restrict(CurrentSession session, HttpContext context) =>
        session.IsSignedIn || AllowsAnonymous(context) ? null : Challenge();
}
