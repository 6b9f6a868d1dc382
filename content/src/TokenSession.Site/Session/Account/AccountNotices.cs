using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>The notice that a page shows after a redirect. It is in an encrypted cookie, because an e-mail address in a URL would get into
/// logs.</summary>
public sealed class AccountNotices(IDataProtectionProvider protection, IOptions<TokenSessionOptions> options, SessionClock clock)
    : ISessionBoundCookie
{
    /// <summary>Identifies the login page, whose name is a setting.</summary>
    public const string Login = "login";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly SealedCookie<AccountNotice> cookie = new(
        options.Value.HostPrefix + options.Value.CookiePrefix + "_notice",
        "TokenSession.AccountNotice",
        Lifetime,
        maxLength: 4_000,
        SameSiteMode.Strict,
        protection,
        options.Value,
        clock
    );

    public void Write(HttpContext context, AccountNotice notice) => cookie.Write(context, notice);

    /// <summary>Returns the notice of this page once; null if there is none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="page">The name of the page, such as <c>/Login</c>.</param>
    public AccountNotice? Take(HttpContext context, string page)
    {
        var notice = cookie.Read(context);
        if (notice?.Page != page)
        {
            return null;
        }

        cookie.Delete(context);
        return notice;
    }

    public void Delete(HttpContext context) => cookie.Delete(context);
}

/// <param name="Page">The name of the page that shows the notice.</param>
/// <param name="Text">The text for the user; null: the page has its own text.</param>
/// <param name="Email">The e-mail address that the notice is about.</param>
public sealed record AccountNotice(string Page, string? Text = null, string? Email = null);
