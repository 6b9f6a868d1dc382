using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Deletes the cookies of a session if its ticket cannot be decrypted (the ticket or the keys were changed), and readable cookies
/// without a ticket. Authentication reports neither case.</summary>
public sealed class UnreadableTicketMiddleware(RequestDelegate next, IOptions<TokenSessionOptions> options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        if (session is { State: SessionState.SignedOut, Outcome: null } && options.Value.HasSessionCookie(context.Request))
        {
            session.EndReason = SessionEndReason.Ended;
            session.Cookies = context.DependsOnSession() ? CookieAction.Delete : CookieAction.None;
        }

        return next(context);
    }
}
