using Microsoft.Extensions.Options;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Session;

/// <summary>Returns the addresses of the pages to which the session redirects. They come from the <c>@page</c> directives, and begin with
/// the path base of the request.</summary>
internal static class SessionPages
{
    public static string Login(HttpContext context) => AddressOf(context, Options(context).LoginPage);

    public static string Logout(HttpContext context) => AddressOf(context, Options(context).LogoutPage);

    /// <summary>Where a user goes after this sign-in: to the form that was not sent, or to the requested page.</summary>
    public static string AfterSignIn(HttpContext context)
    {
        var query = context.Request.Query;
        var page = ReturnUrl.Local(query[ReturnUrl.Parameter].FirstOrDefault(), Home(context));
        return
            query.ContainsKey(SessionChallenge.FormNotSent)
            && context.RequestServices.GetRequiredService<KeptFormCookie>().Read(context) is not null
            ? AddressOf(context, "/KeptForm") + QueryString.Create(ReturnUrl.Parameter, page)
            : page;
    }

    /// <summary>Where a user goes after a sign-in that has no other destination.</summary>
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
