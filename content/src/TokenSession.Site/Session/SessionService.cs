using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Signs in, refreshes and signs out. Pages, endpoints and the authentication events use it.</summary>
public sealed class SessionService(
    BackendCaller backend,
    SignInThrottle throttle,
    PendingSignIn pending,
    IEnumerable<ISessionBoundCookie> boundCookies,
    SessionRefresher refresher,
    ITokenFamilyStore families,
    IOptions<TokenSessionOptions> options,
    SessionClock clock,
    SessionMetrics metrics,
    ILogger<SessionService> logger
)
{
    /// <summary>If the backend refuses a token that it issued within this time, a new token does not help. Without this limit, each call
    /// would cause a refresh.</summary>
    private static readonly TimeSpan RenewalCooldown = TimeSpan.FromSeconds(5);

    private readonly BackendRefusals refusals = new(clock);

    /// <summary>Signs in at the backend. On success, the response sets the cookies of a new session, and the earlier session of the browser
    /// is ended. If a second factor is required, <see cref="PendingSignIn"/> keeps the first step.</summary>
    public async Task<AuthResult> SignInAsync(HttpContext context, Credentials credentials, CancellationToken cancellationToken)
    {
        var ending = "Canceled";
        try
        {
            var client = ClientInfo.Of(context);
            var result = await throttle.RunAsync(
                client.Address,
                credentials,
                () => backend.SignInAsync(credentials, client, cancellationToken)
            );
            ending = result is AuthResult.Rejected { Reason: var reason } ? reason.ToString() : result.GetType().Name;
            if (
                result is AuthResult.Rejected { Reason: RejectionReason.OtpRequired, MfaToken: var mfaToken }
                && (!credentials.HasCode || mfaToken is not null)
            )
            {
                pending.Write(context, credentials, mfaToken);
            }
            else if (result is AuthResult.Succeeded { Tokens: var tokens })
            {
                await SignInAsync(context, tokens, credentials.RememberMe);
            }

            return result;
        }
        finally
        {
            logger.SignInEnded(context.Connection.RemoteIpAddress, ending);
            metrics.SignInEnded(ending);
        }
    }

    /// <summary>
    /// Starts a session with tokens that the backend issued in another way, such as a code flow, an invitation or a password reset. The
    /// earlier session of the browser is ended, and its refresh token is revoked. An event of another authentication scheme, such as OpenID
    /// Connect, may call this method.
    /// </summary>
    public async Task SignInAsync(HttpContext context, SessionTokens tokens, bool isPersistent)
    {
        // In such an event, the ticket of the browser has not been read yet. Otherwise, this call returns the earlier result.
        await context.AuthenticateAsync(TokenSessionOptions.Scheme);
        var (session, now) = (context.GetTokenSession(), clock.GetUtcNow());
        if ((await EndAsync(session.Presented, KeyOf(context), family => family.SignedOut(now))).Tokens is { } replaced)
        {
            backend.RevokeInBackground(replaced);
        }

        // Slow responses to the old cookies do not delete the new ones, because the old session is stored as ended.
        pending.Delete(context);
        session.SignIn(SessionTicket.Start(tokens, now, isPersistent));
    }

    /// <summary>Continues the session of this request with tokens that the backend issued in another way, such as a second factor or a
    /// change of the password. The old refresh token is not revoked: it may belong to the same session of the backend.</summary>
    /// <exception cref="InvalidOperationException">The request has no session.</exception>
    public async Task ReplaceTokensAsync(HttpContext context, SessionTokens tokens)
    {
        var session = context.GetTokenSession();
        var ticket =
            session.Ticket ?? throw new InvalidOperationException($"This request has no session. Call {nameof(SignInAsync)} to start one.");
        tokens = tokens.WithKnown(ticket.Tokens.User);
        var family = await UpdateAsync(
            ticket,
            family =>
                family.IsRevoked(TokenFamily.AllGenerations)
                    ? family
                    : family.Refreshed(Math.Max(family.Generation, ticket.Generation) + 1, tokens)
        );
        if (family.Tokens is null)
        {
            backend.RevokeInBackground(tokens);
        }

        session.Apply(
            family.Tokens is null
                ? new(RefreshOutcome.Rejected, SignedOutAt: family.SignedOutAt)
                : new(RefreshOutcome.Refreshed, ticket.WithNewestOf(family)),
            needsFresh: true,
            clock.GetUtcNow()
        );
    }

    /// <summary>Replaces the session of this request with a new one, with tokens that the backend issued after a change of the password. A
    /// copy of an older cookie is then refused. The old refresh token is revoked.</summary>
    /// <exception cref="InvalidOperationException">The request has no session.</exception>
    public async Task RestartAsync(HttpContext context, SessionTokens tokens)
    {
        var session = context.GetTokenSession();
        var ticket =
            session.Ticket ?? throw new InvalidOperationException($"This request has no session. Call {nameof(SignInAsync)} to start one.");

        // The user may have signed out in another tab in the meantime.
        if (await families.GetAsync(ticket.SessionId, bypassCache: true) is { SignedOutAt: { } signedOutAt })
        {
            backend.RevokeInBackground(tokens);
            session.Apply(new(RefreshOutcome.Rejected, SignedOutAt: signedOutAt), needsFresh: true, clock.GetUtcNow());
            return;
        }

        // Without this id, a user whose id the backend does not give would get another one with the new session.
        var user = (ticket.Tokens.User ?? new()) with
        {
            Id = SessionPrincipal.IdOf(ticket),
        };
        await SignInAsync(context, tokens.WithKnown(user), ticket.IsPersistent);
    }

    /// <summary>Ensures that the access token is fresh, and refreshes it if necessary.</summary>
    /// <param name="context">The request. If the browser aborts it, the wait ends.</param>
    /// <param name="isUserActive">True if the user was active. The idle limit then counts from now.</param>
    /// <param name="force">True to refresh although the access token is fresh, for example because the roles of the user have changed.
    /// </param>
    public async Task<CurrentSession> EnsureFreshAsync(HttpContext context, bool isUserActive, bool force = false)
    {
        var session = context.GetTokenSession();
        if (
            session.Ticket is { Tokens: var tokens } ticket
            && (force || clock.GetUtcNow() >= tokens.RefreshAt(options.Value.RefreshBeforeExpiration))
        )
        {
            await RefreshAsync(session, ticket, rejected: null, context.RequestAborted);
        }

        if (isUserActive)
        {
            await MarkActiveAsync(session, known: null);
        }

        metrics.Count(session.Outcome);
        return session;
    }

    /// <summary>Returns the access token for a backend call of this request; null if the session has ended or is unknown. If the request
    /// takes longer than an access token is valid, it gets the newest token, until the session ends.</summary>
    public async Task<string?> GetAccessTokenAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var session = context.GetTokenSession();
        if (session.Ticket is { Tokens: var tokens } ticket && tokens.IsExpired(clock.GetUtcNow()) && !context.IsPrefetch())
        {
            await RefreshAsync(session, ticket, rejected: null, cancellationToken);
        }

        return session.IsSignedIn ? session.Ticket?.Tokens.AccessToken : null;
    }

    /// <summary>Returns another access token after the backend refused one; null: there is none.</summary>
    /// <param name="context">The request that the call was made for.</param>
    /// <param name="rejected">The access token of the call.</param>
    /// <param name="answer">For the log: the call and the status, such as "GET /users/me answered 401".</param>
    /// <param name="cancellationToken">Ends the wait for a refresh.</param>
    public async Task<string?> RenewAsync(HttpContext context, string rejected, string answer, CancellationToken cancellationToken)
    {
        var session = context.GetTokenSession();
        session.IsAccessTokenRejected = true;
        if (session.Ticket is { } ticket && ticket.Tokens.AccessToken == rejected)
        {
            if (context.IsPrefetch())
            {
                return null;
            }

            var now = clock.GetUtcNow();
            if (ticket.Generation > 0 && now - ticket.Tokens.IssuedAt < RenewalCooldown && !ticket.Tokens.IsExpired(now))
            {
                await EndIfRefusalsGoOnAsync(session, ticket, answer);
                return null;
            }

            await RefreshAsync(session, ticket, rejected, cancellationToken);
            metrics.Count(session.Outcome);
        }

        if (session.Ticket?.Tokens.AccessToken is not { } renewed || renewed == rejected)
        {
            return null;
        }

        session.IsAccessTokenRejected = false;
        return renewed;
    }

    /// <summary>Records that the backend answered a call, and therefore accepts the access token of this request.</summary>
    public async Task AcceptAsync(HttpContext context)
    {
        refusals.Accepted();
        if (context.GetTokenSession() is { Ticket: { } ticket, HasRefusedAccessToken: true } session)
        {
            session.HasRefusedAccessToken = false;
            await UpdateAsync(ticket, family => family.AccessTokenAccepted());
        }
    }

    /// <summary>Ends the session on this site, then revokes its newest refresh token at the backend. It also works with an expired or
    /// superseded cookie, and while the backend is down.</summary>
    public async Task SignOutAsync(HttpContext context)
    {
        var (session, now) = (context.GetTokenSession(), clock.GetUtcNow());

        session.EndedHere = true;
        foreach (var cookie in boundCookies)
        {
            cookie.Delete(context);
        }

        // A second sign-out changes nothing: the response to the first one deletes the cookies.
        var (tokens, signedOutAt) = await EndAsync(
            session.Presented,
            KeyOf(context),
            family => family.SignedOutAt is null ? family.SignedOut(now) : family
        );
        if (tokens is not null)
        {
            await backend.RevokeAsync(tokens);
        }

        session.SignOut(signedOutAt ?? now, isRecent: now - signedOutAt < CurrentSession.RecentlyEnded);

        // Deletes private pages that the browser stored. The value "cookies" would also delete the cookies of sibling sites.
        context.Response.Headers["Clear-Site-Data"] = "\"cache\"";
    }

    /// <summary>Evaluates the ticket that the browser sent, and refreshes the session if the endpoint needs it.</summary>
    internal async Task ResumeAsync(HttpContext context, SessionTicket ticket)
    {
        var session = context.GetTokenSession();
        session.Presented = ticket;
        var (now, needsFresh) = (clock.GetUtcNow(), context.NeedsFreshToken());
        var family = await families.GetAsync(ticket.SessionId);
        if (family is not null)
        {
            var grace = options.Value.GracePeriodFor(family.Tokens ?? ticket.Tokens);
            family = await families.UpdateAsync(ticket.SessionId, family, known => known.MarkSeen(ticket.Generation, now, grace));
        }

        var (action, latest) = SessionDecision.Decide(ticket, family, needsFresh, options.Value, now);
        var result = action switch
        {
            SessionAction.Use => new(RefreshOutcome.Fresh, latest),
            SessionAction.Adopt => new(RefreshOutcome.Adopted, latest),
            SessionAction.Refresh => await refresher.RefreshAsync(latest, rejected: null, context.RequestAborted),
            SessionAction.Expire => await ExpireAsync(context, latest),
            _ => new RefreshResult(RefreshOutcome.Rejected, SignedOutAt: family?.SignedOutAt),
        };
        session.Apply(result, needsFresh, clock.GetUtcNow());
        session.HasRefusedAccessToken = family?.AccessTokenRefusedSince is not null;
        if (context.IsUserActivity())
        {
            await MarkActiveAsync(session, action is SessionAction.Refresh ? null : family);
        }

        if (needsFresh)
        {
            metrics.Count(session.Outcome);
        }
    }

    /// <summary>Ends the session if the backend keeps refusing access tokens that it has just issued: it may have blocked or deleted the
    /// user, and a refresh does not help.</summary>
    private async Task EndIfRefusalsGoOnAsync(CurrentSession session, SessionTicket ticket, string answer)
    {
        var now = clock.GetUtcNow();
        session.HasRefusedAccessToken = true;
        var family = await UpdateAsync(ticket, family => family.AccessTokenRefused(now));
        if (!refusals.Refused(ticket.SessionId, family.AccessTokenRefusedSince ?? now) || !families.IsAuthoritative)
        {
            return;
        }

        logger.AccessTokensRefused(answer);
        if ((await EndAsync(ticket, ticket.SessionId, family => family.Expired())).Tokens is { } tokens)
        {
            backend.RevokeInBackground(tokens);
        }

        session.Apply(new(RefreshOutcome.Rejected, EndReason: SessionEndReason.Refused), needsFresh: true, now);
    }

    private async Task<TokenFamily> UpdateAsync(SessionTicket ticket, Func<TokenFamily, TokenFamily> change) =>
        await families.UpdateAsync(
            ticket.SessionId,
            await families.GetAsync(ticket.SessionId, bypassCache: true),
            family =>
            {
                var changed = change(family);
                return ReferenceEquals(changed, family) ? family : changed.WithExpiry(refresher.FamilyExpiryOf(ticket));
            }
        );

    private async Task<RefreshResult> ExpireAsync(HttpContext context, SessionTicket ticket)
    {
        if (!context.IsPrefetch() && (await EndAsync(ticket, ticket.SessionId, family => family.Expired())).Tokens is { } tokens)
        {
            backend.RevokeInBackground(tokens);
        }

        return new(RefreshOutcome.Rejected, EndReason: options.Value.LimitReachedBy(ticket, clock.GetUtcNow()));
    }

    /// <summary>Returns the session id of the presented ticket, or a hash in its place if the ticket cannot be decrypted.</summary>
    private string? KeyOf(HttpContext context) =>
        context.GetTokenSession().Presented?.SessionId ?? options.Value.UnreadableTicketKey(context.Request);

    /// <summary>Ends a session on this site. A failure is logged, and the sign-in or sign-out continues.</summary>
    /// <returns>The tokens to revoke (null: none), and when the user had ended the session before this call (null: not).</returns>
    private async Task<(SessionTokens? Tokens, DateTimeOffset? SignedOutAt)> EndAsync(
        SessionTicket? ticket,
        string? key,
        Func<TokenFamily, TokenFamily> end
    )
    {
        (SessionTokens? Tokens, DateTimeOffset? SignedOutAt) ended = (ticket?.Tokens, null);
        try
        {
            if (key is not null)
            {
                var expiry = ticket is null ? clock.GetUtcNow() + CurrentSession.RecentlyEnded : refresher.FamilyExpiryOf(ticket);
                await families.UpdateAsync(
                    key,
                    family =>
                    {
                        var isEnded = family.IsRevoked(TokenFamily.AllGenerations);
                        ended = (isEnded ? null : ticket?.WithNewestOf(family).Tokens, family.SignedOutAt);
                        return end(family).WithExpiry(expiry);
                    }
                );
            }
        }
        catch (Exception exception)
        {
            logger.EndFailed(exception);
        }

        return ended;
    }

    private async Task RefreshAsync(CurrentSession session, SessionTicket ticket, string? rejected, CancellationToken cancellationToken)
    {
        var result = await refresher.RefreshAsync(ticket, rejected, cancellationToken);
        session.Apply(result, needsFresh: true, clock.GetUtcNow());
    }

    /// <summary>Moves the start of the idle limit, in steps, so that most responses need no <c>Set-Cookie</c>.</summary>
    private async Task MarkActiveAsync(CurrentSession session, TokenFamily? known)
    {
        var now = clock.GetUtcNow();
        if (
            session.Ticket is { } ticket
            && (session.Cookies is CookieAction.Write || now - ticket.LastActive > options.Value.IdleTimeout / 20)
        )
        {
            session.Replace(ticket with { LastActive = now });
            known ??= await families.GetAsync(ticket.SessionId);
            await families.UpdateAsync(
                ticket.SessionId,
                known,
                family => family.ActiveAt(now).WithExpiry(refresher.FamilyExpiryOf(ticket))
            );
        }
    }
}
