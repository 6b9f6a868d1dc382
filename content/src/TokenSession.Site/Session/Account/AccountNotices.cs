using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>What a page says after a redirect. It waits in an encrypted cookie: an e-mail address in an address of a page would be in logs.
/// </summary>
public sealed class AccountNotices(IDataProtectionProvider protection, IOptions<TokenSessionOptions> options, SessionClock clock)
    : ISessionBoundCookie
{
    /// <summary>In place of the name of the login page, which the settings say.</summary>
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

    /// <summary>Returns what this page says, once; null if it says nothing.</summary>
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

/// <param name="Page">The name of the page that says it.</param>
/// <param name="Text">For the user to read; null: the page says it.</param>
/// <param name="Email">The address that it is about.</param>
public sealed record AccountNotice(string Page, string? Text = null, string? Email = null);
