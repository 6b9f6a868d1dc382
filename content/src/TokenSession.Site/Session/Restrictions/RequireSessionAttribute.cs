using Microsoft.AspNetCore.Mvc;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>For signed-in users only. A guest is redirected to the login page, and from there back to this page.</summary>
public sealed class RequireSessionAttribute : RestrictionAttribute
{
    protected override IActionResult? Restrict(CurrentSession session, HttpContext context) =>
        session.IsSignedIn || AllowsAnonymous(context) ? null : Challenge();
}
