using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace TokenSessionSite.Session;

/// <summary>
/// The one place where the response gets the cookies of the session and the headers that keep it out of caches. It runs at the last moment,
/// with the newest generation that is known by then, so that a slow response cannot bring older tokens back to the browser. It is placed
/// before authentication, because the handler of another scheme can sign in and answer there.
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
    /// <summary>The <c>Cache-Control</c> of a response that the browser may store, because it sends the session again before each use. Other
    /// responses that depend on the session are not stored.</summary>
    public const string Revalidated = "private, no-cache";

    /// <summary>A response that took longer deletes no cookies: meanwhile the browser may have signed in anew. The next response does.</summary>
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

    /// <summary>The page of a guest can be kept for the way back, unless it is the answer to a form or the endpoint forbids it.</summary>
    private static string CacheControlFor(HttpContext context, CurrentSession session, CookieAction action)
    {
        // Cookie authentication has replaced a value of the endpoint if it wrote a cookie.
        var value = context.Response.Headers.CacheControl.ToString();
        var isGuestsPage =
            action is CookieAction.None && session is { Presented: null, Ticket: null } && HttpMethods.IsGet(context.Request.Method);
        return value == Revalidated || (isGuestsPage && !value.Contains("no-store", StringComparison.OrdinalIgnoreCase))
            ? Revalidated
            : "no-store";
    }

    /// <summary>The action that is still right at this moment. For a write, the session gets its newest tokens.</summary>
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

    /// <summary>Whether a sign-in with the same ticket has replaced the session in the meantime: a deletion would hit the new cookies.</summary>
    private async Task<bool> IsReplacedAsync(string? key, DateTimeOffset? signedOutAt)
    {
        try
        {
            var family = key is null ? null : await families.GetAsync(key, bypassCache: true);
            return family?.SignedOutAt is { } at && at != signedOutAt;
        }
        catch (Exception exception)
        {
            // A sign-out deletes the cookies all the same.
            logger.CookiesFailed(exception);
            return false;
        }
    }
}
