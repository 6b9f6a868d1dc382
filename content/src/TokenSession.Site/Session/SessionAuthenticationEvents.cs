using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Session;

/// <summary>Connects the session to cookie authentication: evaluates each decrypted ticket, and answers the challenges and refusals of
/// <c>[Authorize]</c> and of the page filters.</summary>
public sealed class SessionAuthenticationEvents(
    SessionService sessions,
    IOptions<TokenSessionOptions> options,
    ILogger<SessionAuthenticationEvents> logger
) : CookieAuthenticationEvents
{
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var session = http.GetTokenSession();
        try
        {
            await sessions.ResumeAsync(http, SessionTicket.Read(context.Properties)!);
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            logger.SessionFailed(exception);
            session.Fail();
        }

        if (session is not { IsSignedIn: true, Ticket: { } ticket })
        {
            context.RejectPrincipal();
        }
        else if (!ReferenceEquals(ticket, session.Presented))
        {
            ticket.WriteTo(context.Properties);
            context.ReplacePrincipal(SessionPrincipal.Create(ticket));
        }

        session.Properties = context.Properties;

        if (!http.DependsOnSession())
        {
            session.Cookies = CookieAction.None;
        }
        else if (session.IsSignedIn && options.Value.LacksReadableCookies(http.Request))
        {
            session.Cookies = CookieAction.Write;
        }
    }

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context) =>
        SessionChallenge.ChallengeAsync(context.HttpContext);

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context) =>
        SessionChallenge.ForbidAsync(context.HttpContext);

    /// <summary>Does nothing: <see cref="ReturnUrl"/> decides where users go after sign-in.</summary>
    public override Task RedirectToReturnUrl(RedirectContext<CookieAuthenticationOptions> context) => Task.CompletedTask;
}
