using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Refreshes a session. A session has at most one refresh operation at a time, and all requests that need it wait for it. The new
/// tokens are stored before any of these requests continues. A failure of the backend or of its adapter is also a result.</summary>
public sealed class SessionRefresher(
    ITokenFamilyStore families,
    IRefreshLock refreshLock,
    BackendCaller backend,
    IOptions<TokenSessionOptions> options,
    SessionClock clock,
    SessionMetrics metrics,
    ILogger<SessionRefresher> logger
) : IHostedService
{
    /// <summary>How long a request with a valid access token waits for a new one.</summary>
    private static readonly TimeSpan MaxEarlyRefreshWait = TimeSpan.FromSeconds(1);

    /// <summary>With less time left, a refresh cannot be postponed: the token would expire before the page is complete.</summary>
    private static readonly TimeSpan MinUsefulLifetime = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a token family is kept after its cookies have expired. A cookie of an ended session is then recognized, and the
    /// newest tokens can still be revoked.</summary>
    internal static readonly TimeSpan KeptAfterExpiry = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, RefreshOperation> operations = new();

    private readonly BackendRefusals refusals = new(clock);

    /// <summary>Joins the refresh operation of this session, or starts one.</summary>
    /// <param name="ticket">The ticket to refresh.</param>
    /// <param name="rejected">The access token that the backend refused; null: none. It is not fresh, even before its expiry.</param>
    /// <param name="cancellationToken">Ends the wait, not the operation: a closed tab must not lose a refresh token.</param>
    public async Task<RefreshResult> RefreshAsync(SessionTicket ticket, string? rejected, CancellationToken cancellationToken)
    {
        var isForced = ticket.Tokens.AccessToken == rejected;
        while (true)
        {
            var candidate = new RefreshOperation(ticket, isForced);
            var operation = operations.GetOrAdd(ticket.SessionId, candidate);
            var isLeader = ReferenceEquals(operation, candidate);
            if (isLeader)
            {
                Detached.Run(() => RunAsync(operation));
            }

            var result = await WaitAsync(operation, ticket.Tokens, isForced, cancellationToken);
            switch (result)
            {
                case null:
                    return new(RefreshOutcome.Postponed, ticket, clock.GetUtcNow() + options.Value.RefreshRetryDelay);

                case { Outcome: RefreshOutcome.Postponed } when isLeader || result.RetryAt > clock.GetUtcNow():
                    return result with { Ticket = ticket };

                case { Outcome: RefreshOutcome.Rejected } when operation.Ticket.Generation >= ticket.Generation:
                    return result;

                case { Ticket: { } newest } when newest.Generation > ticket.Generation:
                    return new(isLeader ? result.Outcome : RefreshOutcome.Coalesced, ticket.With(newest.Generation, newest.Tokens));
            }

            // The operation was for an older generation than that of this ticket, or its delay has passed.
            operations.TryRemove(new(ticket.SessionId, operation));
        }
    }

    /// <summary>Returns when the token family can be deleted: <see cref="KeptAfterExpiry"/> after its last cookie has expired.</summary>
    public DateTimeOffset FamilyExpiryOf(SessionTicket ticket) =>
        options.Value.ExpiryOf(ticket with { LastActive = clock.GetUtcNow() }) + KeptAfterExpiry;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for the operations in progress. Otherwise, tokens that were exchanged and not yet stored would be lost.</summary>
    Task IHostedService.StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(operations.Values.Select(operation => operation.Task)).WaitAsync(cancellationToken);

    /// <summary>Waits for an operation. With a valid access token, the wait is at most a second, or half of the token's remaining lifetime
    /// if that is less. Returns null if the operation takes longer.</summary>
    private async Task<RefreshResult?> WaitAsync(
        RefreshOperation operation,
        SessionTokens tokens,
        bool isForced,
        CancellationToken cancellationToken
    )
    {
        var remaining = tokens.ExpiresAt - clock.GetUtcNow();
        if (remaining <= TimeSpan.Zero || isForced)
        {
            return await operation.Task.WaitAsync(cancellationToken);
        }

        try
        {
            var wait = remaining / 2 < MaxEarlyRefreshWait ? remaining / 2 : MaxEarlyRefreshWait;
            return await operation.Task.WaitAsync(wait, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // A timer may fire late. If the token has expired by then, the result is needed.
            return tokens.IsExpired(clock.GetUtcNow()) ? await operation.Task.WaitAsync(cancellationToken) : null;
        }
    }

    private async Task RunAsync(RefreshOperation operation)
    {
        var (result, started) = (new RefreshResult(RefreshOutcome.Postponed, RetryAt: clock.GetUtcNow()), clock.GetTimestamp());
        metrics.RefreshStarted();
        try
        {
            using var activity = SessionMetrics.Activities.StartActivity("tokensession.refresh");
            var validUntil = operation.IsForced ? DateTimeOffset.MinValue : operation.Ticket.Tokens.ExpiresAt - MinUsefulLifetime;
            result = await refreshLock.RunExclusiveAsync(
                operation.Ticket.SessionId,
                validUntil,
                () => FindNewerAsync(operation),
                () => ExchangeAsync(operation)
            );
            activity?.SetTag("tokensession.outcome", result.Outcome.ToString().ToLowerInvariant());
        }
        catch (Exception exception)
        {
            result = Postpone(retryAfter: null);
            logger.RefreshFailed(exception);
        }
        finally
        {
            metrics.RefreshEnded(result.Outcome, clock.GetElapsedTime(started));

            // Until the backend may be called again, the operation stays in the dictionary, so that requests get its result.
            operation.TrySetResult(result);
            if (result.RetryAt - clock.GetUtcNow() is { } delay && delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, clock);
            }

            operations.TryRemove(new(operation.Ticket.SessionId, operation));
        }
    }

    /// <summary>Returns what another request or node has stored; null: nothing newer.</summary>
    private async Task<RefreshResult?> FindNewerAsync(RefreshOperation operation)
    {
        var ticket = operation.Ticket;
        var family = operation.Family = await families.GetAsync(ticket.SessionId, bypassCache: true);
        if (family?.IsRevoked(ticket.Generation) is true)
        {
            return new(RefreshOutcome.Rejected, SignedOutAt: family.SignedOutAt);
        }

        var newest = ticket.WithNewestOf(family);
        if (clock.GetUtcNow() >= options.Value.ExpiryOf(newest))
        {
            // The limit passed while a long request was running. For other requests, SessionDecision ends the session.
            await UpdateAsync(operation, known => known.Expired());
            backend.RevokeInBackground(newest.Tokens);
            return new(RefreshOutcome.Rejected, EndReason: options.Value.LimitReachedBy(newest, clock.GetUtcNow()));
        }

        return newest.Generation > ticket.Generation ? new(RefreshOutcome.Adopted, newest) : null;
    }

    private async Task<RefreshResult> ExchangeAsync(RefreshOperation operation)
    {
        var ticket = operation.Ticket;
        if (operation.Family?.RejectedGeneration == ticket.Generation)
        {
            return await EndUnlessNewerAsync(operation);
        }

        switch (await backend.RefreshAsync(ticket.Tokens))
        {
            case AuthResult.Succeeded succeeded:
                refusals.Accepted();
                return await StoreAsync(operation, succeeded.Tokens);

            case AuthResult.Rejected { Reason: RejectionReason.InvalidRefreshToken }:
                return await EndUnlessNewerAsync(operation);

            case AuthResult.Rejected { Reason: RejectionReason.TooManyAttempts, RetryAfter: var wait }:
                return Postpone(wait);

            case AuthResult.Rejected rejected:
                logger.RefreshRejected(rejected.Reason);
                return await EndIfRefusalsGoOnAsync(operation);

            case AuthResult.Unrecognized:
                return await EndIfRefusalsGoOnAsync(operation);

            // The backend may have exchanged the token. Sending it again could end the session, so a valid access token is used first.
            case AuthResult.Unavailable { OutcomeUnknown: true } when !operation.IsForced && !ticket.Tokens.IsExpired(clock.GetUtcNow()):
                return new(RefreshOutcome.Postponed, RetryAt: ticket.Tokens.ExpiresAt);

            case var unavailable:
                return Postpone((unavailable as AuthResult.Unavailable)?.RetryAfter);
        }
    }

    /// <summary>Ends the session if the backend keeps refusing its refresh for a reason other than an invalid refresh token.</summary>
    private async Task<RefreshResult> EndIfRefusalsGoOnAsync(RefreshOperation operation)
    {
        var (ticket, now) = (operation.Ticket, clock.GetUtcNow());
        var family = await UpdateAsync(operation, family => family.RefreshRefused(now));
        var hasToEnd = refusals.Refused(ticket.SessionId, family.RefreshRefusedSince ?? now);
        if (!hasToEnd || (!operation.IsForced && !ticket.Tokens.IsExpired(now)))
        {
            return Postpone(retryAfter: null);
        }

        var result = await EndUnlessNewerAsync(operation);
        if (result.Outcome is not RefreshOutcome.Rejected)
        {
            return result;
        }

        backend.RevokeInBackground(operation.Ticket.Tokens);
        return result with { EndReason = SessionEndReason.Refused };
    }

    /// <summary>Ends the session because the backend refused its refresh token, unless another node has newer tokens. If the other nodes
    /// cannot be asked, the end is postponed and the token is not sent again.</summary>
    private async Task<RefreshResult> EndUnlessNewerAsync(RefreshOperation operation)
    {
        var ticket = operation.Ticket;
        if (await FindNewerAsync(operation) is { } newer)
        {
            return newer;
        }

        if (!families.IsAuthoritative)
        {
            await UpdateAsync(operation, family => family.Rejected(ticket.Generation));
            return Postpone(retryAfter: null);
        }

        await UpdateAsync(operation, family => family.RevokedUpTo(ticket.Generation));
        logger.BackendEndedSession(ticket.Generation);
        return new(RefreshOutcome.Rejected);
    }

    /// <summary>Stores the new tokens before any request gets them, or revokes them if the user signed out in the meantime.</summary>
    private async Task<RefreshResult> StoreAsync(RefreshOperation operation, SessionTokens tokens)
    {
        var generation = operation.Ticket.Generation + 1;
        tokens = tokens.WithKnown(operation.Ticket.Tokens.User);
        var stored = await UpdateAsync(
            operation,
            family => family.IsRevoked(generation) || family.Generation >= generation ? family : family.Refreshed(generation, tokens)
        );
        if (!stored.IsRevoked(generation))
        {
            return new(RefreshOutcome.Refreshed, operation.Ticket.With(stored.Generation, stored.Tokens!));
        }

        backend.RevokeInBackground(tokens);
        return new(RefreshOutcome.Rejected, SignedOutAt: stored.SignedOutAt);
    }

    private ValueTask<TokenFamily> UpdateAsync(RefreshOperation operation, Func<TokenFamily, TokenFamily> change) =>
        families.UpdateAsync(
            operation.Ticket.SessionId,
            operation.Family,
            family =>
            {
                var changed = change(family);
                return ReferenceEquals(changed, family) ? family : changed.WithExpiry(FamilyExpiryOf(operation.Ticket));
            }
        );

    /// <summary>Postpones by 0.5 to 1.5 times the retry delay, so that not all sessions call the backend at the same moment.</summary>
    private RefreshResult Postpone(TimeSpan? retryAfter)
    {
        var delay = options.Value.RefreshRetryDelay * (0.5 + Random.Shared.NextDouble());
        var wait = retryAfter > delay ? retryAfter.Value : delay;
        return new(
            RefreshOutcome.Postponed,
            RetryAt: clock.GetUtcNow() + (wait < options.Value.MaxRetryAfter ? wait : options.Value.MaxRetryAfter)
        );
    }
}
