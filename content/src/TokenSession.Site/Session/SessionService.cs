using Microsoft.Extensions.Options;
using TokenSessionSite.Backend;

namespace TokenSessionSite.Session;

/// <summary>Sign in, keep fresh, sign out: what pages, endpoints and the cookie events call; one implementation for all.</summary>
public sealed class SessionService(
    CredentialsCheck credentialsCheck,
    RefreshCoordinator coordinator,
    TokenRefresher refresher,
    ILineageStore lineages,
    IOptions<TokenSessionOptions> options,
    TimeProvider time,
    SessionMetrics metrics,
    ILogger<SessionService> logger
)
{
    /// <summary>A cookie of a session that ended this recently may be travelling together with a newer sign-in of the same browser:
    /// it is refused, but an answer that deletes cookies could hit the new ones.</summary>
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMinutes(1);

    /// <summary>A token that was renewed this recently is refused for other reasons than its age, and a backend that does so must not be
    /// asked for another with every call.</summary>
    private static readonly TimeSpan JustRenewed = TimeSpan.FromSeconds(5);

    /// <summary>Signs in at the backend; on success the answer to this request carries the cookies of a new session, and the session that
    /// this browser had before is ended.</summary>
    public async Task<SignInResult> SignInAsync(HttpContext context, Credentials credentials, CancellationToken cancellationToken)
    {
        var result = new SignInResult(SignInStatus.Abandoned);
        try
        {
            var answer = await credentialsCheck.AskAsync(context, credentials, cancellationToken);
            if (answer is AuthAnswer.Issued { Tokens: var tokens })
            {
                var session = context.GetTokenSession();
                _ = refresher.RevokeAsync(await EndAsync(session.Brought));
                session.Brought = SessionTicket.Begin(tokens, time.GetUtcNow(), credentials.RememberMe);
                session.SignedIn(session.Brought);
                session.Cookies = CookieChange.Write;
            }

            result = SignInResult.From(answer);
            return result;
        }
        finally
        {
            logger.SignInEnded(context.Connection.RemoteIpAddress, result.Status);
            metrics.SignInEnded(result.Status);
        }
    }

    /// <summary>Finds out what the presented ticket is worth, without asking the backend.</summary>
    public async Task<CurrentSession> ResumeAsync(HttpContext context, SessionTicket? ticket)
    {
        var session = context.GetTokenSession();
        session.Brought = ticket;
        if (ticket is null || options.Value.IsOver(ticket, time.GetUtcNow()))
        {
            session.SignedOut(CookieChange.Delete);
            return session;
        }

        Adopt(session, ticket, await coordinator.PresentAsync(ticket));
        return session;
    }

    /// <summary>Sees to it that the access token is worth using, by a refresh if need be.</summary>
    /// <param name="context">The request; it stops waiting when its browser leaves.</param>
    /// <param name="userIsActive">False for refreshes in the background: they must not keep an idle session alive.</param>
    public async Task<CurrentSession> EnsureFreshAsync(HttpContext context, bool userIsActive)
    {
        var session = context.GetTokenSession();
        if (session.Ticket is { } ticket)
        {
            Adopt(session, ticket, await coordinator.EnsureFreshAsync(ticket, refused: null, context.RequestAborted));
        }

        // The idle clock moves with the user, in steps that are coarse enough to leave most answers without a Set-Cookie.
        var now = time.GetUtcNow();
        if (
            userIsActive
            && session.Ticket is { } current
            && (session.Cookies is CookieChange.Write || now - current.LastActive > options.Value.IdleTimeout / 20)
        )
        {
            session.Touch(now);
            session.Cookies = CookieChange.Write;
            await lineages.UpdateAsync(current.SessionId, known => known.ActiveAt(now).ForgottenAt(refresher.ForgetAt(current)));
        }

        metrics.Answered(session.Outcome);
        return session;
    }

    /// <summary>A backend call was refused with this access token: the next one, or null when there is none to be had.</summary>
    public async Task<string?> RenewAsync(HttpContext context, string refusedAccessToken, CancellationToken cancellationToken)
    {
        var session = context.GetTokenSession();
        session.IsAccessTokenRefused = true;
        if (session.Ticket is not { } ticket || (ticket.Generation > 0 && time.GetUtcNow() - ticket.Tokens.IssuedAt < JustRenewed))
        {
            return null;
        }

        var result = await coordinator.EnsureFreshAsync(ticket, refusedAccessToken, cancellationToken);
        Adopt(session, ticket, result);
        if (result.IsSuperseded)
        {
            // This request was long under way. Its browser has newer cookies by now.
            session.Cookies = CookieChange.None;
        }

        metrics.Answered(session.Outcome);
        if (session.Ticket?.Tokens.AccessToken is not { } renewed || renewed == refusedAccessToken)
        {
            return null;
        }

        session.IsAccessTokenRefused = false;
        return renewed;
    }

    /// <summary>Ends the session here first, then asks the backend to revoke the newest refresh token; all cookies go. It never fails:
    /// with the backend down, the user is out all the same. Who wants out is let out, also with a cookie that is good for nothing else.
    /// </summary>
    public async Task SignOutAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        await refresher.RevokeAsync(await EndAsync(session.Brought));
        session.Brought = null;
        session.SignedOut(CookieChange.Delete);

        // What the browser may have stored of private pages. Never "cookies": that reaches the cookies of sibling sites.
        context.Response.Headers["Clear-Site-Data"] = "\"cache\"";
    }

    /// <summary>Ends a session on this site, and tells which refresh token is left to be revoked.</summary>
    private async Task<string?> EndAsync(SessionTicket? ticket)
    {
        if (ticket is null)
        {
            return null;
        }

        var newest = ticket.Tokens;
        await lineages.UpdateAsync(
            ticket.SessionId,
            known =>
            {
                newest = known.Generation > ticket.Generation && known.Tokens is { } tokens ? tokens : ticket.Tokens;
                return known.Ended(time.GetUtcNow()).ForgottenAt(refresher.ForgetAt(ticket));
            }
        );
        return newest.RefreshToken;
    }

    private void Adopt(CurrentSession session, SessionTicket presented, RefreshResult result)
    {
        // What was remembered a moment ago is fresh by now, and was remembered all the same.
        session.Outcome = result.Outcome is RefreshOutcome.Fresh ? session.Outcome ?? RefreshOutcome.Fresh : result.Outcome;
        session.RetryAfter = result.RetryAfter;

        if (result.Ticket is not { } ticket)
        {
            var isRecent = result.EndedAt is { } endedAt && time.GetUtcNow() - endedAt < OnItsWay;
            session.SignedOut(isRecent ? CookieChange.None : CookieChange.Delete);
            return;
        }

        if (ticket.Generation != presented.Generation)
        {
            session.Cookies = CookieChange.Write;
        }

        if (ticket.Tokens.IsExpired(time.GetUtcNow()))
        {
            session.Unknown(ticket);
        }
        else
        {
            session.SignedIn(ticket);
        }
    }
}
