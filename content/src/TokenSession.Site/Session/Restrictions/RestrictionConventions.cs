using Microsoft.AspNetCore.Mvc.ApplicationModels;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>
/// Restricts pages by their path below the folder <c>Pages</c>: <c>/App</c> means the page with this name and each page in this folder, and
/// <c>/</c> means each page. Pages with <c>[AllowAnonymous]</c> are exempt, except from <see cref="GuestsOnly"/>. For pages in areas, use
/// the attributes.
/// </summary>
public static class RestrictionConventions
{
    /// <inheritdoc cref="RequireSessionAttribute"/>
    public static PageConventionCollection RequireSession(this PageConventionCollection conventions, string path) =>
        conventions.Restrict(path, new RequireSessionAttribute());

    /// <inheritdoc cref="GuestsOnlyAttribute"/>
    public static PageConventionCollection GuestsOnly(this PageConventionCollection conventions, string path) =>
        conventions.Restrict(path, new GuestsOnlyAttribute());

    /// <inheritdoc cref="RuleRestriction"/>
    public static PageConventionCollection Restrict(
        this PageConventionCollection conventions,
        string path,
        Func<CurrentSession, string?> redirect
    ) => conventions.Restrict(path, new RuleRestriction(redirect));

    private static PageConventionCollection Restrict(this PageConventionCollection conventions, string path, RestrictionAttribute filter)
    {
        conventions.AddPageApplicationModelConvention(path, page => page.Filters.Add(filter));
        conventions.AddFolderApplicationModelConvention(path, page => page.Filters.Add(filter));
        return conventions;
    }
}
