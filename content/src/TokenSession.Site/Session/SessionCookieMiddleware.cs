using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace TokenSessionSite.Session;

/// <summary>
/// Writes the cookies of the session, and the headers that keep the response out of caches. No other code writes them. It runs when the
/// response starts, with the newest generation that is known then, so that a slow response cannot bring older tokens back to the browser.
/// It comes before authentication, where the handler of another scheme can sign in and answer the request.
/// </summary>
public sealed class SessionCookieMiddleware(
    RequestDelegate next,
    ITokenFamilyStore families,
    SessionCookies cookies,
    SessionClock clock,
    IOptions<TokenSessionOptions> options,
    ILogger<SessionCookieMiddleware> logger
)
{
    /// <summary>The <c>Cache-Control</c> of a response that the browser may store: it must ask this site before each use. Other responses
    /// that depend on the session are not stored.</summary>
    public const string Revalidated = "private, no-cache";

    /// <summary>A response that took longer deletes no cookies: the user may have signed in again. The next response deletes
    /// them.</summary>
    private static readonly TimeSpan MaxDelayOfDeletion = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        if (!session.IsCookieWriterRegistered)
        {
            session.IsCookieWriterRegistered = true;
            var received = clock.GetUtcNow();
            context.Response.OnStarting(() => OnStartingAsync(context, session, received));
        }

        return next(context);
    }

    private async Task OnStartingAsync(HttpContext context, CurrentSession session, DateTimeOffset received)
    {
        var (headers, action) = (context.Response.Headers, CookieAction.None);
        try
        {
            action = context.IsPrefetch() ? CookieAction.None : await DecideAsync(context, session, received);
            await (
                action switch
                {
                    CookieAction.Write => cookies.WriteAsync(context, session.Ticket!),
                    CookieAction.Delete => cookies.DeleteAsync(context),
                    _ => Task.CompletedTask,
                }
            );
        }
        catch (Exception exception)
        {
            logger.CookiesFailed(exception);
        }

        if (action is not CookieAction.None || context.DependsOnSession())
        {
            headers.CacheControl = CacheControlFor(context, session, action);
            headers.Append(HeaderNames.Vary, HeaderNames.Cookie);

            // Cookie authentication adds these for HTTP/1.0.
            headers.Remove(HeaderNames.Pragma);
            headers.Remove(HeaderNames.Expires);
        }

        cookies.SecureAntiforgery(headers);
    }

    /// <summary>The browser may store a guest's page for its back button, unless it answers a form or the endpoint forbids it.</summary>
    private static string CacheControlFor(HttpContext context, CurrentSession session, CookieAction action)
    {
        // If cookie authentication wrote a cookie, it has replaced the value of the endpoint.
        var value = context.Response.Headers.CacheControl.ToString();
        var isGuestsPage =
            action is CookieAction.None && session is { Presented: null, Ticket: null } && HttpMethods.IsGet(context.Request.Method);
        return value == Revalidated || (isGuestsPage && !value.Contains("no-store", StringComparison.OrdinalIgnoreCase))
            ? Revalidated
            : "no-store";
    }

    /// <summary>Returns the action that is correct when the response starts. Before a write, the session gets its newest tokens.</summary>
    private async Task<CookieAction> DecideAsync(HttpContext context, CurrentSession session, DateTimeOffset received)
    {
        if (session.Cookies is CookieAction.None || session.BeganHere)
        {
            return session.Cookies;
        }

        var key = session.Presented?.SessionId ?? options.Value.UnreadableTicketKey(context.Request);
        if (session.Cookies is CookieAction.Delete)
        {
            if (!session.EndedHere && clock.GetUtcNow() - received > MaxDelayOfDeletion)
            {
                return CookieAction.None;
            }

            return await IsReplacedAsync(key, session.SignedOutAt) ? CookieAction.None : CookieAction.Delete;
        }

        var family = key is null ? null : await families.GetAsync(key, bypassCache: true);
        if (session.Ticket is not { } ticket || family?.IsRevoked(ticket.Generation) is true)
        {
            // The session has ended in the meantime. A deletion could reach the browser after a newer sign-in.
            return CookieAction.None;
        }

        session.Replace(ticket.WithNewestOf(family));
        return CookieAction.Write;
    }

    /// <summary>Whether a sign-in has replaced the session of this ticket. A deletion would then delete the new cookies.</summary>
    private async Task<bool> IsReplacedAsync(string? key, DateTimeOffset? signedOutAt)
    {
        try
        {
            var family = key is null ? null : await families.GetAsync(key, bypassCache: true);
            return family?.SignedOutAt is { } at && at != signedOutAt;
        }
        catch (Exception exception)
        {
            // If the store fails, the cookies are deleted.
            logger.CookiesFailed(exception);
            return false;
        }
    }
}
