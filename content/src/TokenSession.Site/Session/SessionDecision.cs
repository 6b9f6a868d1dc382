namespace TokenSessionSite.Session;

public enum SessionAction
{
    /// <summary>Use the ticket unchanged.</summary>
    Use,

    /// <summary>Use the newest tokens of the token family.</summary>
    Adopt,

    /// <summary>Refresh the session first.</summary>
    Refresh,

    /// <summary>The idle or absolute limit has passed: end the session.</summary>
    Expire,

    /// <summary>The session was ended, or the cookie is superseded beyond the grace period.</summary>
    Reject,
}

/// <summary>What to do with a ticket that a browser sent. In the template's repository, <c>docs/session.md</c> has the rules as a
/// table.</summary>
/// <param name="Ticket">The ticket with the newest tokens and the latest activity that are known.</param>
public readonly record struct SessionDecision(SessionAction Action, SessionTicket Ticket)
{
    /// <param name="ticket">What the browser sent.</param>
    /// <param name="family">What the site remembers; null: nothing.</param>
    /// <param name="needsFresh">Whether the endpoint needs an access token that is not about to expire.</param>
    public static SessionDecision Decide(
        SessionTicket ticket,
        TokenFamily? family,
        bool needsFresh,
        TokenSessionOptions options,
        DateTimeOffset now
    )
    {
        if (family?.IsRevoked(ticket.Generation) is true)
        {
            return new(SessionAction.Reject, ticket);
        }

        var latest = ticket.WithNewestOf(family);
        if (now >= options.ExpiryOf(latest))
        {
            return new(SessionAction.Expire, latest);
        }

        var isSuperseded = latest.Generation > ticket.Generation;
        if (isSuperseded && !family!.IsWithinGrace(ticket.Generation, now, options.GracePeriodFor(latest.Tokens)))
        {
            // Its refresh token is spent. Sending it again could end the session of the browser that has the newest token.
            return new(SessionAction.Reject, ticket);
        }

        return needsFresh && now >= latest.Tokens.RefreshAt(options.RefreshBeforeExpiration) ? new(SessionAction.Refresh, latest)
            : isSuperseded ? new(SessionAction.Adopt, latest)
            : new(SessionAction.Use, latest);
    }
}
