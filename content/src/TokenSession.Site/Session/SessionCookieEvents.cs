using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Where a request meets its session: ASP.NET Core has opened the ticket, and nothing has been rendered yet.</summary>
public sealed class SessionCookieEvents(SessionService sessions, BrowserCookies cookies, IOptions<TokenSessionOptions> options)
    : CookieAuthenticationEvents
{
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var session = await sessions.ResumeAsync(http, SessionTicket.Read(context.Properties));
        if (http.WantsFreshSession())
        {
            await sessions.EnsureFreshAsync(http, userIsActive: http.IsPage());
        }
        else if (!http.DependsOnSession())
        {
            session.Cookies = CookieChange.None;
        }

        if (session is { IsSignedIn: true, Ticket: { } ticket })
        {
            // Without the indicator, scripts took the user for a guest.
            if (http.DependsOnSession() && (!http.Request.Cookies.ContainsKey(options.Value.SessionCookie) || cookies.HasStrayToken(http)))
            {
                session.Cookies = CookieChange.Write;
            }

            if (!ReferenceEquals(ticket, session.Brought))
            {
                ticket.WriteTo(context.Properties, options.Value.EndsAt(ticket));
            }
        }
        else
        {
            context.RejectPrincipal();
        }
    }

    /// <summary>Where people go after sign-in is decided by <see cref="ReturnUrl"/> alone.</summary>
    public override Task RedirectToReturnUrl(RedirectContext<CookieAuthenticationOptions> context) => Task.CompletedTask;
}
