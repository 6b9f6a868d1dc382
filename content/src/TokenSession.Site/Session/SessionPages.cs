using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>The addresses of the pages that the session redirects to, as the pages' <c>@page</c> directives define them, below the path base
/// of the request.</summary>
internal static class SessionPages
{
    public static string Login(HttpContext context) => AddressOf(context, Options(context).LoginPage);

    public static string Logout(HttpContext context) => AddressOf(context, Options(context).LogoutPage);

    /// <summary>Where a user goes after sign-in without another destination.</summary>
    public static string Home(HttpContext context) =>
        Options(context).DefaultReturnPath is { } path ? context.Request.PathBase + path : AddressOf(context, Options(context).HomePage);

    private static TokenSessionOptions Options(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<TokenSessionOptions>>().Value;

    private static string AddressOf(HttpContext context, string page) =>
        context.RequestServices.GetRequiredService<LinkGenerator>().GetPathByPage(context, page, handler: null, new { area = "" })
        ?? throw new InvalidOperationException(
            $"There is no page {page}. Set TokenSession:LoginPage, TokenSession:LogoutPage and TokenSession:HomePage to the names of pages "
                + "below the folder Pages, such as /Login."
        );
}
