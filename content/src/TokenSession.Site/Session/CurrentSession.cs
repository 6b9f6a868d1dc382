using Microsoft.AspNetCore.Authentication;

namespace TokenSessionSite.Session;

/// <summary>The session of the current request. <c>HttpContext.GetTokenSession()</c> returns it.</summary>
public sealed class CurrentSession
{
    /// <summary>For this long after the user has ended a session, the browser may have the cookies of a newer sign-in: a response to an
    /// older cookie does not delete them.</summary>
    internal static readonly TimeSpan RecentlyEnded = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();

    public SessionState State { get; private set; }

    /// <summary>The ticket with the newest tokens; null when signed out.</summary>
    public SessionTicket? Ticket { get; private set; }

    /// <summary>How this request got its access token; null when it has no ticket.</summary>
    public RefreshOutcome? Outcome { get; private set; }

    /// <summary>When to try again, if the refresh was postponed.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>A backend call of this request was refused because of its access token, and no other token was available.</summary>
    public bool IsAccessTokenRejected { get; internal set; }

    /// <summary>Why the session of this request has ended; null if it has not, and for a guest.</summary>
    public SessionEndReason? EndReason { get; internal set; }

    /// <summary>The request began with a session. Its backend calls are never sent without an access token.</summary>
    public bool WasSignedIn { get; private set; }

    public bool IsSignedIn => State is SessionState.SignedIn;

    /// <summary>Identifies the user to this site's pages and scripts, in this and in other sessions; empty for a guest.</summary>
    public string UserHash => Ticket is { } ticket ? SessionPrincipal.UserHash(ticket) : "";

    /// <summary>The claims of the access token, if it is a JWT.</summary>
    public JwtPayload Claims => JwtPayload.Read(Ticket?.Tokens.AccessToken ?? "");

    /// <summary>The ticket that the browser sent, also when it can only be used to sign out.</summary>
    internal SessionTicket? Presented { get; set; }

    /// <summary>What the response does to the cookies of the session.</summary>
    internal CookieAction Cookies { get; set; }

    /// <summary>Where <c>HttpContext.GetTokenAsync</c> finds the tokens of this request; null before authentication.</summary>
    internal AuthenticationProperties? Properties { get; set; }

    /// <summary>The session begins with this request. No other request knows it.</summary>
    internal bool BeganHere { get; private set; }

    /// <summary>The user signs out with this request.</summary>
    internal bool EndedHere { get; set; }

    /// <summary>The backend refused an access token that it had just issued, and has accepted none since.</summary>
    internal bool HasRefusedAccessToken { get; set; }

    /// <summary>Why the form of this request was refused; null if it was not.</summary>
    internal FormRefusal? FormRefusal { get; set; }

    internal bool IsCookieWriterRegistered { get; set; }

    /// <summary>When the user had ended the presented session, as far as this request knows.</summary>
    internal DateTimeOffset? SignedOutAt { get; private set; }

    /// <param name="needsFresh">Whether this request needs a fresh access token.</param>
    internal void Apply(RefreshResult result, bool needsFresh, DateTimeOffset now)
    {
        lock (gate)
        {
            Outcome = result.Outcome is RefreshOutcome.Fresh ? Outcome ?? RefreshOutcome.Fresh : result.Outcome;
            RetryAfter = result.RetryAt is { } at ? TimeSpan.FromTicks(Math.Max(0, (at - now).Ticks)) : null;
            if (result.Ticket is not { } ticket)
            {
                EndReason ??= result.SignedOutAt is null ? result.EndReason : SessionEndReason.SignedOut;
                SignOut(result.SignedOutAt, isRecent: now - result.SignedOutAt < RecentlyEnded);
            }
            else if (!(Ticket?.Generation > ticket.Generation))
            {
                // Otherwise, a parallel call of this request has newer tokens already.
                (Ticket, WasSignedIn) = (ticket, true);
                State = needsFresh && ticket.Tokens.IsExpired(now) ? SessionState.Unknown : SessionState.SignedIn;
                Cookies = ticket.Generation != Presented?.Generation ? CookieAction.Write : Cookies;
                ticket.UpdateTokensIn(Properties);
            }
        }
    }

    /// <summary>A session begins with this request.</summary>
    internal void SignIn(SessionTicket ticket)
    {
        (State, Presented, WasSignedIn, BeganHere) = (SessionState.SignedIn, ticket, true, true);
        Replace(ticket);
    }

    /// <param name="at">When the user ended the session; null when it ended for another reason.</param>
    /// <param name="isRecent">Another request has ended it a moment ago.</param>
    internal void SignOut(DateTimeOffset? at, bool isRecent) =>
        (State, Ticket, SignedOutAt, Cookies) = (SessionState.SignedOut, null, at, isRecent ? CookieAction.None : CookieAction.Delete);

    /// <summary>The session could not be evaluated. The cookies are kept.</summary>
    internal void Fail() => (State, Ticket, Cookies) = (SessionState.Unknown, null, CookieAction.None);

    internal void Replace(SessionTicket ticket) => (Ticket, Cookies) = (ticket, CookieAction.Write);
}

internal enum CookieAction
{
    None,
    Write,
    Delete,
}

public static class CurrentSessionExtensions
{
    /// <summary>The session of this request; signed out before authentication has run.</summary>
    public static CurrentSession GetTokenSession(this HttpContext context)
    {
        if (context.Features.Get<CurrentSession>() is not { } session)
        {
            context.Features.Set(session = new CurrentSession());
        }

        return session;
    }
}
