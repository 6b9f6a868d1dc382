using Microsoft.AspNetCore.Mvc.ApplicationModels;

namespace TokenSessionSite.Session.Restrictions;

/// <summary>Restricts pages by their path below <c>Pages</c>: <c>/App</c> means the page of that name and every page in the folder,
/// <c>/</c> every page. Pages in areas are not meant; they have the attributes.</summary>
public static class RestrictionConventions
{
    /// <inheritdoc cref="RequireSessionAttribute"/>
    public static PageConventionCollection RequireSession(this PageConventionCollection conventions, string path) =>
        conventions.Restrict(path, new RequireSessionAttribute());

    /// <inheritdoc cref="GuestsOnlyAttribute"/>
    public static PageConventionCollection GuestsOnly(this PageConventionCollection conventions, string path) =>
        conventions.Restrict(path, new GuestsOnlyAttribute());

    /// <inheritdoc cref="PredicateRestriction"/>
    public static PageConventionCollection Restrict(
        this PageConventionCollection conventions,
        string path,
        Func<CurrentSession, string?> redirect
    ) => conventions.Restrict(path, new PredicateRestriction(redirect));

    private static PageConventionCollection Restrict(this PageConventionCollection conventions, string path, RestrictionAttribute filter)
    {
        if (!path.StartsWith('/'))
        {
            throw new ArgumentException($"'{path}' would restrict nothing; write the path with a '/' in front: \"/App\".", nameof(path));
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
