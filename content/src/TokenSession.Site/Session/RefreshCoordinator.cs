using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Decides, by the lineage, what a cookie is worth, and sees to it that a session has at most one refresh at a time. Every request with
/// a stale access token comes here; one flight serves them all, and whoever comes later with the old cookie is served from memory.
/// </summary>
public sealed class RefreshCoordinator(
    ILineageStore lineages,
    TokenRefresher refresher,
    IOptions<TokenSessionOptions> options,
    TimeProvider time
) : IHostedService
{
    /// <summary>How long a page with a still valid access token waits at most for the next one.</summary>
    private static readonly TimeSpan LongestWaitAhead = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, RefreshFlight> flights = new();

    /// <summary>A browser came with this ticket: notes that, and tells without asking the backend whether the ticket is still good and has
    /// a successor. Only what came from a browser counts as presented, never what a request adopted.</summary>
    public async ValueTask<RefreshResult> PresentAsync(SessionTicket ticket)
    {
        if (await lineages.FindAsync(ticket.SessionId) is { } lineage)
        {
            var (now, grace) = (time.GetUtcNow(), GraceOf(lineage, ticket));
            if (!ReferenceEquals(lineage.Present(ticket.Generation, now, grace), lineage))
            {
                await lineages.UpdateAsync(ticket.SessionId, known => known.Present(ticket.Generation, now, grace));
            }
        }

        return await LookAsync(ticket);
    }

    private async ValueTask<RefreshResult> LookAsync(SessionTicket ticket)
    {
        if (await lineages.FindAsync(ticket.SessionId) is not { } lineage)
        {
            return new(RefreshOutcome.Fresh, ticket);
        }

        if (lineage.HasEnded(ticket.Generation))
        {
            return new(RefreshOutcome.Rejected, Ticket: null, EndedAt: lineage.EndedAt);
        }

        if (lineage.Generation <= ticket.Generation || lineage.Tokens is null)
        {
            return new(RefreshOutcome.Fresh, ticket);
        }

        return lineage.IsGood(ticket.Generation, time.GetUtcNow(), GraceOf(lineage, ticket))
            ? new(RefreshOutcome.Remembered, ticket with { Generation = lineage.Generation, Tokens = lineage.Tokens })
            : new(RefreshOutcome.Rejected, Ticket: null, IsSuperseded: true);
    }

    /// <summary>The ticket with an access token that is worth using.</summary>
    /// <param name="ticket">What the browser presented.</param>
    /// <param name="refused">The access token that a backend call was just refused with: no longer fresh, whatever its time says.</param>
    /// <param name="cancellationToken">Ends the waiting, never the flight: a closed tab must not waste a rotation.</param>
    public async Task<RefreshResult> EnsureFreshAsync(
        SessionTicket ticket,
        string? refused = null,
        CancellationToken cancellationToken = default
    )
    {
        while (true)
        {
            var known = await LookAsync(ticket);
            if (known.Ticket is not { } newest || IsFresh(newest.Tokens, refused))
            {
                return known;
            }

            var candidate = new RefreshFlight(newest, isForced: newest.Tokens.AccessToken == refused);
            var flight = flights.GetOrAdd(newest.SessionId, candidate);
            var leads = ReferenceEquals(flight, candidate);
            if (leads)
            {
                Start(flight);
            }

            var result = await WaitAsync(flight, newest.Tokens, refused, cancellationToken);
            switch (result)
            {
                case null:
                    return new(RefreshOutcome.Deferred, newest, options.Value.CoolDown);

                case FlightResult.Renewed renewed when renewed.Generation > newest.Generation:
                    return new(
                        leads ? RefreshOutcome.Led : RefreshOutcome.Joined,
                        newest with
                        {
                            Generation = renewed.Generation,
                            Tokens = renewed.Tokens,
                        }
                    );

                case FlightResult.Over over when flight.Ticket.Generation >= newest.Generation:
                    return new(RefreshOutcome.Rejected, Ticket: null, EndedAt: over.EndedAt);

                case FlightResult.Deferred deferred when leads || deferred.Until > time.GetUtcNow():
                    var wait = deferred.Until - time.GetUtcNow();
                    return new(RefreshOutcome.Deferred, newest, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            }

            // That flight was for an older generation than this cookie's, or its cool-down is over: look again.
            flights.TryRemove(new(newest.SessionId, flight));
        }
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A site that is stopped waits for its flights, also for those that nobody waits for any more: tokens that were exchanged and
    /// not stored would be lost.</summary>
    Task IHostedService.StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(flights.Values.Select(flight => flight.Landing)).WaitAsync(cancellationToken);

    private TimeSpan GraceOf(SessionLineage lineage, SessionTicket ticket) => options.Value.GraceFor(lineage.Tokens ?? ticket.Tokens);

    private bool IsFresh(SessionTokens tokens, string? refused) =>
        tokens.AccessToken != refused && time.GetUtcNow() < tokens.StaleAt(options.Value.RefreshBefore);

    /// <summary>Starts a flight that no request owns: it neither ends with the request nor carries its user, culture or trace.</summary>
    private void Start(RefreshFlight flight)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => FlyAsync(flight));
        }
    }

    private async Task FlyAsync(RefreshFlight flight)
    {
        FlightResult result = new FlightResult.Deferred(time.GetUtcNow());
        try
        {
            result = await refresher.RefreshAsync(flight);

            // While the backend is to be left alone, the flight stays where everybody finds its result.
            if (result is FlightResult.Deferred deferred && deferred.Until - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
            {
                flight.Land(result);
                await Task.Delay(wait, time);
            }
        }
        finally
        {
            // Whatever happened, a log that throws included: nobody waits for a flight that does not come.
            flights.TryRemove(new(flight.Ticket.SessionId, flight));
            flight.Land(result);
        }
    }

    /// <summary>Waits for the flight; with a still valid access token at most a second, or half of what remains of its life. Null when that
    /// was too short.</summary>
    private async Task<FlightResult?> WaitAsync(
        RefreshFlight flight,
        SessionTokens tokens,
        string? refused,
        CancellationToken cancellationToken
    )
    {
        var remains = tokens.ExpiresAt - time.GetUtcNow();
        if (remains <= TimeSpan.Zero || tokens.AccessToken == refused)
        {
            return await flight.Landing.WaitAsync(cancellationToken);
        }

        try
        {
            var patience = remains / 2 < LongestWaitAhead ? remains / 2 : LongestWaitAhead;
            return await flight.Landing.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Timers are late, and the last moment of a token is short.
            return tokens.IsExpired(time.GetUtcNow()) ? await flight.Landing.WaitAsync(cancellationToken) : null;
        }
    }
}
