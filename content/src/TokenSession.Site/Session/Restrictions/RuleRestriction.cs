using Microsoft.AspNetCore.Mvc;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>Restricts a page by your own rule: <paramref name="redirect"/> returns the address for a redirect, or null to show the page. A
/// path that begins with <c>/</c> is below the path base of the site. Pages with <c>[AllowAnonymous]</c> are exempt.</summary>
public sealed class RuleRestriction(Func<CurrentSession, string?> redirect) : RestrictionAttribute
{
    protected override IActionResult? Restrict(CurrentSession session, HttpContext context)
    {
        if (AllowsAnonymous(context))
        {
            return null;
        }

        if (session.State is SessionState.Unknown)
        {
            return Challenge();
        }

        return redirect(session) is not { } target ? null
            : session.State is SessionState.SignedOut && !context.WantsPage() ? Challenge()
            : new RedirectResult(target.StartsWith('/') ? context.Request.PathBase + target : target);
    }
}
