using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>
/// Restricts a page: as an attribute of its model, or by a convention (<see cref="RestrictionConventions"/>). It runs before antiforgery,
/// so that a form that was sent after the end of the session leads to the login page instead of an error.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class RestrictionAttribute : Attribute, IAuthorizationFilter, IOrderedFilter
{
    public int Order => -1000;

    public void OnAuthorization(AuthorizationFilterContext context) =>
        context.Result = Restrict(context.HttpContext.GetTokenSession(), context.HttpContext);

    /// <summary>Returns the result instead of the page; null: the page is shown.</summary>
    protected abstract IActionResult? Restrict(CurrentSession session, HttpContext context);

    /// <summary>Returns 401, 503 or a redirect to the login page, as for <c>[Authorize]</c>.</summary>
    protected static IActionResult Challenge() => new ChallengeResult(TokenSessionOptions.Scheme);

    /// <summary>Whether the page has <c>[AllowAnonymous]</c>, which exempts it from the restriction of its folder.</summary>
    protected static bool AllowsAnonymous(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
}
