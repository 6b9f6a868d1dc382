using Microsoft.AspNetCore.Authentication;

namespace TokenSessionSite.Session;

/// <summary>The session of the current request. <c>HttpContext.GetTokenSession()</c> returns it.</summary>
public sealed class CurrentSession
{
    /// <summary>For this long after a sign-out or a sign-in, a response to an older cookie could overwrite the cookies of the newer sign-in.
    /// </summary>
    private static readonly TimeSpan RecentlyEnded = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();

    public SessionState State { get; private set; }

    /// <summary>The ticket with the newest tokens; null when signed out.</summary>
    public SessionTicket? Ticket { get; private set; }

    /// <summary>How this request got its access token; null when it has no ticket.</summary>
    public RefreshOutcome? Outcome { get; private set; }

    /// <summary>When to try again, if the refresh was postponed.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>A backend call of this request was refused because of its access token, and no other token could be had.</summary>
    public bool IsAccessTokenRejected { get; internal set; }

    /// <summary>The claims of the access token, if it is a JWT.</summary>
    public JwtPayload Claims => JwtPayload.Read(Ticket?.Tokens.AccessToken ?? "");

    public bool IsSignedIn => State is SessionState.SignedIn;

    /// <summary>The request began with a session. Its backend calls are never sent without an access token.</summary>
    public bool WasSignedIn { get; private set; }

    /// <summary>The ticket that the browser sent, also when it is of no use except for signing out.</summary>
    internal SessionTicket? Presented { get; set; }

    internal CookieAction Cookies { get; set; }

    /// <summary>Where <c>HttpContext.GetTokenAsync</c> finds the tokens in this request; null before authentication has accepted it.
    /// </summary>
    internal AuthenticationProperties? Properties { get; set; }

    internal bool IsCookieWriterRegistered { get; set; }

    /// <summary>The session begins with this request: nothing else can know it yet.</summary>
    internal bool IsNew { get; private set; }

    /// <summary>When the user had ended the presented session, as far as this request knows.</summary>
    internal DateTimeOffset? SignedOutAt { get; private set; }

    /// <param name="result">Of a decision or a refresh.</param>
    /// <param name="needsFresh">Whether this request needs a fresh access token.</param>
    internal void Apply(RefreshResult result, bool needsFresh, DateTimeOffset now)
    {
        lock (gate)
        {
            Outcome = result.Outcome is RefreshOutcome.Fresh ? Outcome ?? RefreshOutcome.Fresh : result.Outcome;
            RetryAfter = result.RetryAt is { } at ? TimeSpan.FromTicks(Math.Max(0, (at - now).Ticks)) : null;
            if (result.Ticket is not { } ticket)
            {
                SignOut(result.SignedOutAt, now - result.SignedOutAt < RecentlyEnded ? CookieAction.None : CookieAction.Delete);
            }
            else if (!(Ticket?.Generation > ticket.Generation))
            {
                // Otherwise, a parallel call of this request has newer tokens already.
                (Ticket, WasSignedIn) = (ticket, true);
                State = needsFresh && ticket.Tokens.IsExpired(now) ? SessionState.Unknown : SessionState.SignedIn;
                Cookies = ticket.Generation != Presented?.Generation ? CookieAction.Write : Cookies;
                if (Properties is not null)
                {
                    ticket.UpdateTokensIn(Properties);
                }
            }
        }
    }

    /// <summary>A session begins with this request.</summary>
    internal void SignIn(SessionTicket ticket)
    {
        (State, Ticket, Presented, WasSignedIn, IsNew) = (SessionState.SignedIn, ticket, ticket, true, true);
        Cookies = CookieAction.Write;
    }

    internal void SignOut(DateTimeOffset? at, CookieAction cookies) =>
        (State, Ticket, SignedOutAt, Cookies) = (SessionState.SignedOut, null, at, cookies);

    /// <summary>The session could not be evaluated. Neither the user nor the cookies lose anything.</summary>
    internal void Fail() => (State, Ticket, Cookies) = (SessionState.Unknown, null, CookieAction.None);

    internal void Replace(SessionTicket ticket) => (Ticket, Cookies) = (ticket, CookieAction.Write);
}

/// <summary>What the response does to the cookies of the session.</summary>
internal enum CookieAction
{
    None,
    Write,

    /// <summary>Unless a sign-in has replaced the session in the meantime.</summary>
    Delete,
}

public static class CurrentSessionExtensions
{
    /// <summary>The session of this request; signed out before authentication has run.</summary>
    public static CurrentSession GetTokenSession(this HttpContext context)
    {
        if (context.Features.Get<CurrentSession>() is { } session)
        {
            return session;
        }

        session = new CurrentSession();
        context.Features.Set(session);
        return session;
    }
}
