using Microsoft.AspNetCore.Authentication;

namespace TokenSessionSite.Session;

/// <summary>The session of the current request. <c>HttpContext.GetTokenSession()</c> returns it.</summary>
public sealed class CurrentSession
{
    /// <summary>After the user has ended a session, the browser may get the cookies of a newer sign-in. For this time, a response to an
    /// older cookie does not delete cookies.</summary>
    internal static readonly TimeSpan RecentlyEnded = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();

    public SessionState State { get; private set; }

    /// <summary>The ticket with the newest tokens; null if there is no session, or if it could not be evaluated.</summary>
    public SessionTicket? Ticket { get; private set; }

    /// <summary>How this request got its access token; null when it has no ticket.</summary>
    public RefreshOutcome? Outcome { get; private set; }

    /// <summary>When to try again, if the refresh was postponed.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>True if the backend refused the access token of a call of this request, and no other token was available.</summary>
    public bool IsAccessTokenRejected { get; internal set; }

    /// <summary>Why the session of this request has ended; null if it has not, and for a guest.</summary>
    public SessionEndReason? EndReason { get; internal set; }

    /// <summary>True if this request has or had a session. Its backend calls are then never sent without an access token.</summary>
    public bool WasSignedIn { get; private set; }

    public bool IsSignedIn => State is SessionState.SignedIn;

    /// <summary>Identifies the user to pages and scripts. It is the same in each session of the user, and empty for a guest.</summary>
    public string UserHash => Ticket is { } ticket ? SessionPrincipal.UserHash(ticket) : "";

    /// <summary>The claims of the access token, if it is a JWT.</summary>
    public JwtPayload Claims => JwtPayload.Read(Ticket?.Tokens.AccessToken ?? "");

    /// <summary>The ticket that the browser sent. A sign-out uses it even if it is no longer accepted.</summary>
    internal SessionTicket? Presented { get; set; }

    /// <summary>What the response does to the cookies of the session.</summary>
    internal CookieAction Cookies { get; set; }

    /// <summary>The properties in which <c>HttpContext.GetTokenAsync</c> finds the tokens; null before authentication.</summary>
    internal AuthenticationProperties? Properties { get; set; }

    /// <summary>True if the session begins with this request, so that no other request knows it.</summary>
    internal bool BeganHere { get; private set; }

    /// <summary>True if the user signs out with this request.</summary>
    internal bool EndedHere { get; set; }

    /// <summary>True if the backend refused an access token that it had just issued, and has accepted none since.</summary>
    internal bool HasRefusedAccessToken { get; set; }

    /// <summary>Why the form of this request was refused; null if it was not.</summary>
    internal FormRefusal? FormRefusal { get; set; }

    internal bool IsCookieWriterRegistered { get; set; }

    /// <summary>When the user ended the presented session; null: not known.</summary>
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

    /// <summary>Begins a session with this request.</summary>
    internal void SignIn(SessionTicket ticket)
    {
        (State, Presented, WasSignedIn, BeganHere) = (SessionState.SignedIn, ticket, true, true);
        Replace(ticket);
    }

    /// <param name="at">When the user ended the session; null when it ended for another reason.</param>
    /// <param name="isRecent">True if another request ended it less than <see cref="RecentlyEnded"/> ago.</param>
    internal void SignOut(DateTimeOffset? at, bool isRecent) =>
        (State, Ticket, SignedOutAt, Cookies) = (SessionState.SignedOut, null, at, isRecent ? CookieAction.None : CookieAction.Delete);

    /// <summary>Makes the session unknown, because it could not be evaluated. Keeps the cookies.</summary>
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
    /// <summary>Returns the session of this request. Before authentication, its state is "signed out".</summary>
    public static CurrentSession GetTokenSession(this HttpContext context)
    {
        if (context.Features.Get<CurrentSession>() is not { } session)
        {
            context.Features.Set(session = new CurrentSession());
        }

        return session;
    }
}
