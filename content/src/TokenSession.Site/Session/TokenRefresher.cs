using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using TokenSessionSite.Backend;

namespace TokenSessionSite.Session;

/// <summary>
/// Exchanges one refresh token, once, and remembers what came of it before anybody is answered. Every end is a value: whatever the
/// backend or its adapter does, the requests that wait get a result.
/// </summary>
public sealed class TokenRefresher(
    ILineageStore lineages,
    IRefreshTurns turns,
    IServiceScopeFactory scopes,
    IOptions<TokenSessionOptions> options,
    TimeProvider time,
    SessionMetrics metrics,
    ILogger<TokenRefresher> logger
)
{
    /// <summary>A page that starts with an access token this near its end does not get far with it.</summary>
    private static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(500);

    /// <summary>Sessions whose end is not certain yet, with the generation that was refused.</summary>
    private readonly ConcurrentDictionary<string, int> refused = new();

    public async Task<FlightResult> RefreshAsync(RefreshFlight flight)
    {
        var started = time.GetTimestamp();
        metrics.Refreshing();
        using var activity = SessionMetrics.ActivitySource.StartActivity("tokensession.refresh");
        FlightResult result;
        try
        {
            // Somebody may have refreshed between the look that led here and the take-off.
            result = await turns.TakeAsync(
                flight.Ticket.SessionId,
                flight.IsForced ? DateTimeOffset.MinValue : flight.Ticket.Tokens.ExpiresAt - LastMoment,
                () => KnownAsync(flight.Ticket),
                () => ExchangeAsync(flight)
            );
        }
        catch (Exception unforeseen)
        {
            logger.RefreshFailed(unforeseen.GetType().Name);
            result = Later(retryAfter: null);
        }

        metrics.Refreshed(result, time.GetElapsedTime(started));
        activity?.SetTag("tokensession.result", result.GetType().Name);
        return result;
    }

    private async Task<FlightResult> ExchangeAsync(RefreshFlight flight)
    {
        var ticket = flight.Ticket;
        if (refused.TryGetValue(ticket.SessionId, out var generation) && generation == ticket.Generation)
        {
            return await LookOnceMoreAsync(ticket);
        }

        var answer = await AskBackendAsync(ticket.Tokens.RefreshToken);
        switch (answer)
        {
            case AuthAnswer.Issued issued:
                return await RememberAsync(ticket, issued.Tokens);

            case AuthAnswer.Refused { Refusal: AuthRefusal.TokenRejected }:
                return await LookOnceMoreAsync(ticket);

            case AuthAnswer.Unavailable unavailable:
                logger.BackendUnavailable(unavailable.Reason);
                return unavailable.AnswerLost && !flight.IsForced && ticket.Tokens.ExpiresAt > time.GetUtcNow()
                    // The backend may have exchanged the token and only its answer was lost. The second try could be the end of the
                    // session, so it waits for as long as the access token serves.
                    ? new FlightResult.Deferred(ticket.Tokens.ExpiresAt)
                    : Later(unavailable.RetryAfter);

            case AuthAnswer.Refused refused:
                logger.BackendUnavailable($"it refused the refresh ({refused.Refusal})");
                return Later(refused.RetryAfter);

            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The backend refused this token: only when nobody else has newer ones is that the end. While other nodes cannot be asked
    /// nobody can tell, and the token is not sent again.</summary>
    private async Task<FlightResult> LookOnceMoreAsync(SessionTicket ticket)
    {
        if (await KnownAsync(ticket) is { } known)
        {
            refused.TryRemove(ticket.SessionId, out _);
            return known;
        }

        if (!lineages.KnowsAll)
        {
            refused[ticket.SessionId] = ticket.Generation;
            return Later(retryAfter: null);
        }

        refused.TryRemove(ticket.SessionId, out _);
        return await EndAsync(ticket);
    }

    private async Task<FlightResult?> KnownAsync(SessionTicket ticket) =>
        await lineages.FindAsync(ticket.SessionId, latest: true) switch
        {
            { } lineage when lineage.HasEnded(ticket.Generation) => new FlightResult.Over(lineage.EndedAt),
            { Tokens: { } tokens } lineage when lineage.Generation > ticket.Generation => new FlightResult.Renewed(
                lineage.Generation,
                tokens
            ),
            _ => null,
        };

    private async Task<AuthAnswer> AskBackendAsync(string refreshToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var backend = scope.ServiceProvider.GetRequiredService<IAuthBackend>();
        using var deadline = new CancellationTokenSource(options.Value.RefreshTimeout, time);
        try
        {
            // WaitAsync as well: an adapter that ignores the token must not keep a page waiting.
            return await backend.RefreshAsync(refreshToken, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception failure)
        {
            return AuthAnswer.From(failure);
        }
    }

    /// <summary>The new tokens go into the lineage before anybody is answered. If the user signed out meanwhile, they go back.</summary>
    private async Task<FlightResult> RememberAsync(SessionTicket ticket, SessionTokens tokens)
    {
        var generation = ticket.Generation + 1;
        var lineage = await lineages.UpdateAsync(
            ticket.SessionId,
            known =>
                known.HasEnded(generation) || known.Generation >= generation
                    ? known
                    : known.Refreshed(generation, tokens).ForgottenAt(ForgetAt(ticket))
        );

        if (!lineage.HasEnded(generation))
        {
            return new FlightResult.Renewed(lineage.Generation, lineage.Tokens!);
        }

        // Nobody waits for that.
        _ = RevokeAsync(tokens.RefreshToken);
        return new FlightResult.Over(lineage.EndedAt);
    }

    private async Task<FlightResult> EndAsync(SessionTicket ticket)
    {
        var now = time.GetUtcNow();
        await lineages.UpdateAsync(ticket.SessionId, known => known.EndedUpTo(ticket.Generation, now).ForgottenAt(ForgetAt(ticket)));
        logger.BackendEndedSession(ticket.Generation);
        return new FlightResult.Over(EndedAt: null);
    }

    /// <summary>Asks the backend to forget a refresh token; that it cannot be asked changes nothing on this site.</summary>
    public async Task RevokeAsync(string? refreshToken)
    {
        if (refreshToken is null)
        {
            return;
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            using var deadline = new CancellationTokenSource(options.Value.RefreshTimeout, time);
            var backend = scope.ServiceProvider.GetRequiredService<IAuthBackend>();
            await backend.SignOutAsync(refreshToken, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception failure)
        {
            logger.RevocationFailed(failure.GetType().Name);
        }
    }

    /// <summary>From then on no cookie of this session opens any more.</summary>
    public DateTimeOffset ForgetAt(SessionTicket ticket)
    {
        var idle = time.GetUtcNow() + options.Value.IdleTimeout;
        var absolute = options.Value.EndsAt(ticket);
        return idle < absolute ? idle : absolute;
    }

    /// <summary>Cools down: half to one and a half times the set time, so that many sessions do not come back in step.</summary>
    private FlightResult.Deferred Later(TimeSpan? retryAfter)
    {
        var coolDown = options.Value.CoolDown * (0.5 + Random.Shared.NextDouble());
        var asked = retryAfter is { } wait && wait > coolDown ? wait : coolDown;
        return new(time.GetUtcNow() + (asked > options.Value.RetryAfterCap ? options.Value.RetryAfterCap : asked));
    }
}
