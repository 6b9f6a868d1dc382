using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace TokenSessionSite.Session;

/// <summary>
/// The one place where the response gets the cookies of the session and the headers that keep it out of caches. It runs at the last moment,
/// with the newest generation that is known by then, so that a slow response cannot bring older tokens back to the browser.
/// </summary>
public sealed class SessionCookieMiddleware(
    RequestDelegate next,
    ITokenFamilyStore families,
    SessionCookies cookies,
    IOptions<TokenSessionOptions> options,
    ILogger<SessionCookieMiddleware> logger
)
{
    public Task InvokeAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        if (
            session is { State: SessionState.SignedOut, Cookies: CookieAction.None, Outcome: null }
            && options.Value.HasSessionCookie(context.Request)
            && context.DependsOnSession()
        )
        {
            // The ticket cannot be decrypted (changed, other keys), or only the readable cookies are left.
            session.Cookies = CookieAction.Delete;
        }

        if (!session.IsCookieWriterRegistered)
        {
            session.IsCookieWriterRegistered = true;
            context.Response.OnStarting(() => OnStartingAsync(context, session));
        }

        return next(context);
    }

    private async Task OnStartingAsync(HttpContext context, CurrentSession session)
    {
        try
        {
            await WriteAsync(context, session);
        }
        catch (Exception exception)
        {
            // The response goes out without the cookies; the next one will carry them.
            logger.CookiesFailed(exception);
        }

        if (session.Cookies is not CookieAction.None || context.DependsOnSession())
        {
            var headers = context.Response.Headers;
            headers.CacheControl = "no-store";
            headers.Append(HeaderNames.Vary, HeaderNames.Cookie);

            // Cookie authentication adds these for HTTP/1.0; no-store says it all.
            headers.Remove(HeaderNames.Pragma);
            headers.Remove(HeaderNames.Expires);
        }
    }

    private async Task WriteAsync(HttpContext context, CurrentSession session)
    {
        SecureAntiforgeryCookie(context.Response.Headers);
        if (context.IsPrefetch())
        {
            session.Cookies = CookieAction.None;
        }

        if (session is { Cookies: CookieAction.Write, Ticket: { } ticket })
        {
            var family = session.IsNew ? null : await families.GetAsync(ticket.SessionId, bypassCache: true);
            if (family?.IsRevoked(ticket.Generation) is true)
            {
                // It has ended in the meantime. A deletion could reach the browser after a newer sign-in.
                session.Cookies = CookieAction.None;
                return;
            }

            var newest =
                family is { Tokens: { } tokens } && family.Generation > ticket.Generation ? ticket.With(family.Generation, tokens) : ticket;
            await cookies.WriteAsync(
                context,
                family?.LastActive > newest.LastActive ? newest with { LastActive = family.LastActive } : newest
            );
        }
        else if (session.Cookies is CookieAction.Delete)
        {
            if (await IsReplacedAsync(session.Presented?.SessionId ?? options.Value.UnreadableTicketKey(context.Request), session))
            {
                session.Cookies = CookieAction.None;
                return;
            }

            await cookies.DeleteAsync(context);
        }
    }

    /// <summary>Whether a sign-in with the same ticket has replaced the session since: the deletion would hit the new cookies.</summary>
    private async Task<bool> IsReplacedAsync(string? key, CurrentSession session)
    {
        try
        {
            var family = key is null ? null : await families.GetAsync(key, bypassCache: true);
            return family?.SignedOutAt is { } at && at != session.SignedOutAt;
        }
        catch (Exception exception)
        {
            logger.CookiesFailed(exception);
            return false;
        }
    }

    /// <summary>Antiforgery marks its cookie as Secure only where this site sees HTTPS, which it may not behind a proxy.</summary>
    private void SecureAntiforgeryCookie(IHeaderDictionary headers)
    {
        var name = options.Value.AntiforgeryCookie + "=";
        if (options.Value.SecureCookies && headers.SetCookie is { Count: > 0 } values)
        {
            headers.SetCookie = values
                .Select(value =>
                    value!.StartsWith(name, StringComparison.Ordinal) && !value.Contains("; secure", StringComparison.OrdinalIgnoreCase)
                        ? value + "; secure"
                        : value
                )
                .ToArray();
        }
    }
}
