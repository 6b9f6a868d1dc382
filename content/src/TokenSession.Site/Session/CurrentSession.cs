namespace TokenSessionSite.Session;

/// <summary>The session of the current request; <c>HttpContext.GetTokenSession()</c> finds it.</summary>
public sealed class CurrentSession
{
    public SessionState State { get; private set; }

    /// <summary>The ticket with the newest tokens; null when signed out.</summary>
    public SessionTicket? Ticket { get; private set; }

    /// <summary>What was done for the freshness of the access token; null when nothing was asked.</summary>
    public RefreshOutcome? Outcome { get; internal set; }

    /// <summary>When it is worth asking again, if the backend could not answer.</summary>
    public TimeSpan? RetryAfter { get; internal set; }

    /// <summary>A backend call of this request was refused because of its access token, and there was no other to be had just now.</summary>
    public bool IsAccessTokenRefused { get; internal set; }

    /// <summary>What the access token says about the user, if it is a JWT: read and not verified.</summary>
    public JwtPayload Claims => JwtPayload.Read(Ticket?.Tokens.AccessToken ?? "");

    public bool IsSignedIn => State is SessionState.SignedIn;

    /// <summary>The ticket as the browser brought it, also when it is no longer good for anything but signing out.</summary>
    internal SessionTicket? Brought { get; set; }

    internal CookieChange Cookies { get; set; }

    internal bool CookiesAreHooked { get; set; }

    internal void SignedIn(SessionTicket ticket) => (State, Ticket) = (SessionState.SignedIn, ticket);

    internal void Unknown(SessionTicket ticket) => (State, Ticket) = (SessionState.Unknown, ticket);

    /// <summary>The user did something: the idle clock starts anew.</summary>
    internal void Touch(DateTimeOffset now) => Ticket = Ticket is null ? null : Ticket with { LastActive = now };

    internal void SignedOut(CookieChange cookies) => (State, Ticket, Cookies) = (SessionState.SignedOut, null, cookies);
}

public static class CurrentSessionExtensions
{
    /// <summary>The session of this request; signed out when nobody has looked yet.</summary>
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
