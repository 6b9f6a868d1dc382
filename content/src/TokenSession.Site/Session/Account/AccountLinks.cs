using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>Creates the addresses of links in mails, and reads the tokens of these links. Before the page is shown, the token is moved from
/// the address into an encrypted cookie. Therefore no history, no Referer header and no script of the page has it.</summary>
public sealed class AccountLinks(
    IDataProtectionProvider protection,
    IOptions<TokenSessionOptions> session,
    IOptions<AccountOptions> options,
    LinkGenerator addresses,
    SessionClock clock
) : ISessionBoundCookie
{
    /// <summary>The query parameter that has the token.</summary>
    public const string Parameter = "token";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>One cookie for each page, so that a link to one page does not change the open form of another page.</summary>
    private readonly Dictionary<string, SealedCookie<Link>> cookies = new[]
    {
        (AccountPages.ResetPassword, "reset"),
        (AccountPages.ConfirmEmail, "confirm"),
        (AccountPages.AcceptInvitation, "invitation"),
    }.ToDictionary(
        page => page.Item1,
        page => new SealedCookie<Link>(
            session.Value.HostPrefix + session.Value.CookiePrefix + "_link_" + page.Item2,
            "TokenSession.AccountLink." + page.Item2,
            Lifetime,
            maxLength: 8_000,
            // For the browser, a link in a mail is a link of another site.
            SameSiteMode.Lax,
            protection,
            session.Value,
            clock
        )
    );

    /// <summary>The absolute address of a page, such as <c>/Account/ResetPassword</c>.</summary>
    public Uri AddressOf(HttpContext context, string page)
    {
        var site =
            options.Value.SiteUrl is { } url && !string.IsNullOrWhiteSpace(url)
                ? url
                : $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}";
        return new(site.TrimEnd('/') + addresses.GetPathByPage(page));
    }

    /// <summary>Moves the token of the address into the cookie. Returns false if the address has no token.</summary>
    internal bool Take(HttpContext context, string page)
    {
        if (context.Request.Query[Parameter] is not [{ Length: > 0 } token, ..])
        {
            return false;
        }

        if (!cookies[page].Write(context, new(token)))
        {
            // No backend issues a token of this length. The page says that the link does not work.
            cookies[page].Delete(context);
        }

        return true;
    }

    /// <summary>Reads the token of the link that opened this page; null if there is none, or if it is too old.</summary>
    internal string? Read(HttpContext context, string page) => cookies[page].Read(context)?.Token;

    /// <summary>Identifies a link in the form of its page. If the user opened another link since, the form is not used for that
    /// link.</summary>
    internal static string IdOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))[..16];

    internal void Delete(HttpContext context, string page) => cookies[page].Delete(context);

    void ISessionBoundCookie.Delete(HttpContext context)
    {
        foreach (var cookie in cookies.Values)
        {
            cookie.Delete(context);
        }
    }

    private sealed record Link(string Token);
}
