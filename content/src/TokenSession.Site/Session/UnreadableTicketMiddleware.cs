using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Deletes the cookies of a session whose ticket cannot be decrypted (changed, other keys), and readable cookies that are left
/// without a ticket. Authentication reports neither.</summary>
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
