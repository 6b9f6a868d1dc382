using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace TokenSessionSite.Session;

/// <summary>
/// The one place where the session's cookies and the headers that keep it out of caches are written, at the last moment before the answer
/// leaves: from the newest generation that the site knows by then, so that a slow answer does not set a browser back.
/// </summary>
public sealed class SessionCookieWriter(
    RequestDelegate next,
    ILineageStore lineages,
    BrowserCookies browserCookies,
    IOptions<TokenSessionOptions> options
)
{
    public Task InvokeAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        if (
            session is { State: SessionState.SignedOut, Cookies: CookieChange.None, Outcome: null }
            && HasSessionCookie(context.Request.Cookies)
            && context.DependsOnSession()
        )
        {
            // A ticket that does not open (tampered with, expired, its keys are lost), or readable cookies without one.
            session.Cookies = CookieChange.Delete;
        }

        if (!session.CookiesAreHooked)
        {
            session.CookiesAreHooked = true;
            context.Response.OnStarting(() => WriteAsync(context, session));
        }

        return next(context);
    }

    private bool HasSessionCookie(IRequestCookieCollection cookies) =>
        cookies.ContainsKey(options.Value.TicketCookie)
        || cookies.ContainsKey(options.Value.SessionCookie)
        || cookies.ContainsKey(options.Value.AccessTokenCookie);

    private async Task WriteAsync(HttpContext context, CurrentSession session)
    {
        if (context.IsPrefetch())
        {
            session.Cookies = CookieChange.None;
        }

        if (session.Cookies is CookieChange.Write && session.Ticket is { } adopted)
        {
            var lineage = await lineages.FindAsync(adopted.SessionId, latest: true);
            if (lineage?.HasEnded(adopted.Generation) is true)
            {
                // It ended meanwhile. Not even deletions: they could hit a newer sign-in.
                session.Cookies = CookieChange.None;
            }
            else
            {
                var newest =
                    lineage is { Tokens: { } tokens } && lineage.Generation > adopted.Generation
                        ? adopted with
                        {
                            Generation = lineage.Generation,
                            Tokens = tokens,
                        }
                        : adopted;
                newest = lineage?.LastActive > newest.LastActive ? newest with { LastActive = lineage.LastActive } : newest;
                var properties = new AuthenticationProperties();
                newest.WriteTo(properties, options.Value.EndsAt(newest));
                await context.SignInAsync(TokenSessionOptions.Scheme, newest.ToPrincipal(), properties);
                browserCookies.Write(context, newest);
            }
        }
        else if (session.Cookies is CookieChange.Delete)
        {
            await context.SignOutAsync(TokenSessionOptions.Scheme);
            browserCookies.Delete(context);
        }

        if (session.Cookies is not CookieChange.None || context.DependsOnSession())
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Cookie);
        }
    }
}
