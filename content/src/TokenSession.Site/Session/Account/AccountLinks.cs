using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>
/// The links in mails: the addresses that they lead to, and the tokens that they bring. A token is moved from the address into an encrypted
/// cookie before the page is shown. Then it is in no history, in no Referer, and in no script of the page.
/// </summary>
public sealed class AccountLinks(
    IDataProtectionProvider protection,
    IOptions<TokenSessionOptions> session,
    IOptions<AccountOptions> options,
    LinkGenerator addresses,
    SessionClock clock
)
{
    /// <summary>The parameter of the address.</summary>
    public const string Parameter = "token";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly SealedCookie<Link> cookie = new(
        session.Value.HostPrefix + session.Value.CookiePrefix + "_link",
        "TokenSession.AccountLink",
        Lifetime,
        maxLength: 8_000,
        protection,
        session.Value,
        clock
    )
    {
        // A link in a mail comes from another site.
        SameSite = SameSiteMode.Lax,
    };

    /// <summary>The absolute address of a page, such as <c>/Account/ResetPassword</c>.</summary>
    public Uri AddressOf(HttpContext context, string page)
    {
        var site = options.Value.SiteUrl ?? $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}";
        return new(site.TrimEnd('/') + addresses.GetPathByPage(page));
    }

    /// <summary>Moves the token of the address into the cookie. Returns false if the address has none.</summary>
    internal bool Take(HttpContext context, string page) =>
        context.Request.Query[Parameter] is [{ Length: > 0 } token, ..] && cookie.Write(context, new(page, token));

    /// <summary>The token that was brought to this page; null if there is none, or if it came too long ago.</summary>
    internal string? Read(HttpContext context, string page) => cookie.Read(context) is { } link && link.Page == page ? link.Token : null;

    internal void Delete(HttpContext context) => cookie.Delete(context);

    private sealed record Link(string Page, string Token);
}
