namespace TokenSessionSite.Session.Restrictions;

/// <summary>For signed-in users only: everybody else is sent to the login page, and from there back to where they were going.</summary>
public sealed class RequireSessionAttribute : RestrictionAttribute
{
    protected override string? Redirect(CurrentSession session, HttpRequest request, TokenSessionOptions options)
    {
        if (session.IsSignedIn || request.Path.Equals(options.LoginPath, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var here = ReturnUrl.Local(
            request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + request.QueryString,
            options.HomePath
        );
        return HttpMethods.IsGet(request.Method) && here != options.HomePath
            ? $"{options.LoginPath}?{ReturnUrl.Parameter}={Uri.EscapeDataString(here)}"
            : options.LoginPath;
    }
}
