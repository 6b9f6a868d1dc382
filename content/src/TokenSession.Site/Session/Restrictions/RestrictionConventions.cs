using Microsoft.AspNetCore.Mvc.ApplicationModels;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>Restricts pages by their path below the folder <c>Pages</c>: <c>/App</c> is the page of that name and each page in the folder,
/// <c>/</c> is each page. Pages with <c>[AllowAnonymous]</c> are exempt from <see cref="RequireSession"/>. For pages in areas, use the
/// attributes.</summary>
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
        if (!path.StartsWith('/'))
        {
            throw new ArgumentException($"'{path}' restricts no page; begin the path with '/': \"/App\".", nameof(path));
        }

        conventions.AddFolderApplicationModelConvention(
            "/",
            page =>
            {
                if (
                    page.ViewEnginePath.Equals(path, StringComparison.OrdinalIgnoreCase)
                    || page.ViewEnginePath.StartsWith(path.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)
                )
                {
                    page.Filters.Add(filter);
                }
            }
        );
        return conventions;
    }
}
