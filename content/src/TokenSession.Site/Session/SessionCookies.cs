using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace TokenSessionSite.Session;

/// <summary>Writes and deletes the cookies of a session: the ticket, and for scripts the access token, the session indicator and the hash of
/// the user.</summary>
public sealed class SessionCookies(IOptions<TokenSessionOptions> options, SessionClock clock, ILogger<SessionCookies> logger)
{
    /// <summary>Browsers drop a cookie if its name and value are together longer (RFC 6265bis, 5.6).</summary>
    private const int MaxCookieBytes = 4096;

    /// <summary>By default, nginx accepts 4,096 bytes of response headers. The others take about 650 bytes, and more with long
    /// addresses.</summary>
    private const int MaxHeaderBytes = 3300;

    private int hasWarned,
        hasWarnedOfToken;

    public async Task WriteAsync(HttpContext context, SessionTicket ticket)
    {
        var (settings, now, cookies) = (options.Value, clock.GetUtcNow(), context.Response.Cookies);
        var lifetime = ticket.IsPersistent ? settings.AbsoluteExpiryOf(ticket) - now : (TimeSpan?)null;
        var properties = new AuthenticationProperties { ExpiresUtc = now + lifetime };
        ticket.WriteTo(properties);
        await context.SignInAsync(TokenSessionOptions.Scheme, SessionPrincipal.Create(ticket), properties);

        // The indicator lives as long as the ticket: after a sleep of the computer, a tab can distinguish "expired" from "signed out".
        var expiry = ticket.Tokens.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        cookies.Append(settings.SessionCookie, expiry, CookieOptionsFor(context, lifetime));
        cookies.Append(settings.UserCookie, SessionPrincipal.UserHash(ticket), CookieOptionsFor(context, lifetime));
        if (settings.AccessTokenInBrowser && !ticket.Tokens.IsExpired(now) && !IsTooLong(ticket.Tokens.AccessToken))
        {
            var tokenLifetime = ticket.IsPersistent ? ticket.Tokens.ExpiresAt - now : (TimeSpan?)null;
            cookies.Append(settings.AccessTokenCookie, ticket.Tokens.AccessToken, CookieOptionsFor(context, tokenLifetime));
        }
        else if (context.Request.Cookies.ContainsKey(settings.AccessTokenCookie))
        {
            cookies.Delete(settings.AccessTokenCookie, CookieOptionsFor(context));
        }

        if (context.Request.Cookies.ContainsKey(settings.ProbeCookie))
        {
            cookies.Delete(settings.ProbeCookie, CookieOptionsFor(context));
        }

        var bytes = context.Response.Headers.SetCookie.Sum(cookie => HeaderNames.SetCookie.Length + 4 + cookie!.Length);
        if (bytes > MaxHeaderBytes && Interlocked.Exchange(ref hasWarned, 1) is 0)
        {
            logger.CookiesTooLarge(bytes, MaxHeaderBytes);
        }
    }

    public async Task DeleteAsync(HttpContext context)
    {
        // A request without a ticket may have been sent before a sign-in. Its response must not delete the new ticket.
        if (context.Request.Headers.Cookie.ToString().Contains(options.Value.TicketCookie, StringComparison.Ordinal))
        {
            await context.SignOutAsync(TokenSessionOptions.Scheme);
        }

        foreach (var name in options.Value.ReadableCookies)
        {
            context.Response.Cookies.Delete(name, CookieOptionsFor(context));
        }
    }

    /// <summary>Whether the browser has sent no cookie. After <see cref="SetProbe"/>, this means that it blocks cookies. For a browser
    /// without Fetch Metadata, it is always false: the antiforgery cookie shows the same.</summary>
    public static bool AreMissing(HttpRequest request) => request.Cookies.Count is 0 && SameOriginFilter.NamesSenderOfEachRequest(request);

    /// <summary>Sets the cookie that shows whether the browser accepts cookies.</summary>
    public void SetProbe(HttpContext context)
    {
        var probe = CookieOptionsFor(context);
        probe.HttpOnly = true;
        context.Response.Cookies.Append(options.Value.ProbeCookie, "1", probe);
    }

    /// <summary>Marks the antiforgery cookie as Secure. The framework does this only if the site, behind its proxy, sees HTTPS.</summary>
    public void SecureAntiforgery(IHeaderDictionary headers)
    {
        var name = options.Value.AntiforgeryCookie + "=";
        for (var index = 0; options.Value.SecureCookies && index < headers.SetCookie.Count; index++)
        {
            var cookie = headers.SetCookie[index]!;
            if (cookie.StartsWith(name, StringComparison.Ordinal) && !cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase))
            {
                var cookies = headers.SetCookie.ToArray();
                cookies[index] += "; secure";
                headers.SetCookie = cookies;
            }
        }
    }

    private bool IsTooLong(string accessToken)
    {
        var (name, length) = (options.Value.AccessTokenCookie, options.Value.AccessTokenCookie.Length + 1);
        length += Uri.EscapeDataString(accessToken).Length;
        if (length > MaxCookieBytes && Interlocked.Exchange(ref hasWarnedOfToken, 1) is 0)
        {
            logger.AccessTokenTooLong(name, length, MaxCookieBytes);
        }

        return length > MaxCookieBytes;
    }

    /// <summary>Uses Max-Age instead of Expires, because it does not depend on the clock of the computer.</summary>
    private CookieOptions CookieOptionsFor(HttpContext context, TimeSpan? lifetime = null) =>
        new()
        {
            Path = "/",
            SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
            Secure = options.Value.SecureCookies || context.Request.IsHttps,
            MaxAge = lifetime,
            IsEssential = true,
        };
}
