using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>The two cookies that scripts may read: the access token, and the session indicator (until when it works).</summary>
public sealed class BrowserCookies(IOptions<TokenSessionOptions> options, TimeProvider time, ILogger<BrowserCookies> logger)
{
    /// <summary>Browsers drop a cookie whose name and value are longer together (RFC 6265bis, 5.6).</summary>
    private const int LongestCookie = 4096;

    public void Write(HttpContext context, SessionTicket ticket)
    {
        var settings = options.Value;
        var now = time.GetUtcNow();
        var cookies = context.Response.Cookies;

        // The indicator lives as long as the ticket: a waking tab can tell "expired" from "guest".
        cookies.Append(
            settings.SessionCookie,
            ticket.Tokens.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
            Lasting(context, ticket.IsPersistent ? settings.EndsAt(ticket) - now : null)
        );

        if (!settings.AccessTokenInBrowser)
        {
            if (HasStrayToken(context))
            {
                cookies.Delete(settings.AccessTokenCookie, Lasting(context, null));
            }

            return;
        }

        var length = settings.AccessTokenCookie.Length + 1 + Uri.EscapeDataString(ticket.Tokens.AccessToken).Length;
        if (length > LongestCookie)
        {
            logger.AccessTokenTooLong(settings.AccessTokenCookie, length, LongestCookie);
        }

        if (length > LongestCookie || ticket.Tokens.IsExpired(now))
        {
            // Nor may an older one stay.
            cookies.Delete(settings.AccessTokenCookie, Lasting(context, null));
            return;
        }

        cookies.Append(settings.AccessTokenCookie, ticket.Tokens.AccessToken, Lasting(context, ticket.Tokens.ExpiresAt - now));
    }

    /// <summary>The browser has an access token from before it was to be kept out of there.</summary>
    public bool HasStrayToken(HttpContext context) =>
        !options.Value.AccessTokenInBrowser && context.Request.Cookies.ContainsKey(options.Value.AccessTokenCookie);

    public void Delete(HttpContext context)
    {
        context.Response.Cookies.Delete(options.Value.SessionCookie, Lasting(context, null));
        context.Response.Cookies.Delete(options.Value.AccessTokenCookie, Lasting(context, null));
    }

    /// <summary>Max-Age and not Expires: right also on a computer whose clock is hours off.</summary>
    private CookieOptions Lasting(HttpContext context, TimeSpan? life) =>
        new()
        {
            Path = "/",
            SameSite = SameSiteMode.Lax,
            Secure = options.Value.SecureCookies || context.Request.IsHttps,
            MaxAge = life,
            IsEssential = true,
        };
}
