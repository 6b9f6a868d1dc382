using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Decides, by the lineage, what a cookie is worth, and sees to it that a session has at most one refresh at a time. Every request with
/// a stale access token comes here; one flight serves them all, and whoever comes later with the old cookie is served from memory.
/// </summary>
public sealed class RefreshCoordinator(
    ILineageStore lineages, TokenRefresher refresher, IOptions<TokenSessionOptions> options, TimeProvider time)
{
    /// <summary>How long a page with a still valid access token waits at most for the next one.</summary>
    private static readonly TimeSpan LongestWaitAhead = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, RefreshFlight> flights = new();

    /// <summary>Looks, without ever asking the backend: is this cookie still good, and has it a successor?</summary>
    public async ValueTask<RefreshResult> LookAsync(SessionTicket ticket)
    {
        var now = time.GetUtcNow();
        if (await lineages.FindAsync(ticket.SessionId) is not { } lineage)
        {
            return new(RefreshOutcome.Fresh, ticket);
        }

        var grace = options.Value.GraceFor(lineage.Tokens ?? ticket.Tokens);
        if (!ReferenceEquals(lineage.Present(ticket.Generation, now, grace), lineage))
        {
            lineage = await lineages.UpdateAsync(ticket.SessionId, known => known.Present(ticket.Generation, now, grace));
        }

        if (lineage.HasEnded(ticket.Generation))
        {
            return new(RefreshOutcome.Rejected, Ticket: null, EndedAt: lineage.EndedAt);
        }

        if (lineage.Generation <= ticket.Generation || lineage.Tokens is null)
        {
            return new(RefreshOutcome.Fresh, ticket);
        }

        return lineage.IsGood(ticket.Generation, now, grace)
            ? new(RefreshOutcome.Remembered, ticket with { Generation = lineage.Generation, Tokens = lineage.Tokens })
            : new(RefreshOutcome.Rejected, Ticket: null);
    }

    /// <summary>The ticket with an access token that is worth using.</summary>
    /// <param name="ticket">What the browser presented.</param>
    /// <param name="refused">The access token that a backend call was just refused with: no longer fresh, whatever its time says.</param>
    /// <param name="cancellationToken">Ends the waiting, never the flight: a closed tab must not waste a rotation.</param>
    public async Task<RefreshResult> EnsureFreshAsync(
        SessionTicket ticket, string? refused = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var known = await LookAsync(ticket);
            if (known.Ticket is not { } newest || IsFresh(newest.Tokens, refused))
            {
                return known;
            }

            var candidate = new RefreshFlight(newest);
            var flight = flights.GetOrAdd(newest.SessionId, candidate);
            var leads = ReferenceEquals(flight, candidate);
            if (leads)
            {
                Start(flight);
            }

            var result = await WaitAsync(flight, newest.Tokens, refused, cancellationToken);
            switch (result)
            {
                case FlightResult.Renewed renewed when renewed.Generation > newest.Generation:
                    return new(leads ? RefreshOutcome.Led : RefreshOutcome.Joined,
                        newest with { Generation = renewed.Generation, Tokens = renewed.Tokens });

                case FlightResult.Over over when flight.Ticket.Generation >= newest.Generation:
                    return new(RefreshOutcome.Rejected, Ticket: null, EndedAt: over.EndedAt);

                case FlightResult.Deferred deferred:
                    var wait = deferred.Until - time.GetUtcNow();
                    return new(RefreshOutcome.Deferred, newest, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            }

            // The flight was for an older generation than this cookie's: look again.
        }
    }

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
        var result = await refresher.RefreshAsync(flight.Ticket);

        // While the backend is to be left alone, the flight stays where everybody finds its result.
        if (result is FlightResult.Deferred deferred && deferred.Until - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
        {
            flight.Land(result);
            await Task.Delay(wait, time);
        }

        flights.TryRemove(new(flight.Ticket.SessionId, flight));
        flight.Land(result);
    }

    /// <summary>Waits for the flight; with a still valid access token at most a second, or half of what remains of its life.</summary>
    private async Task<FlightResult> WaitAsync(
        RefreshFlight flight, SessionTokens tokens, string? refused, CancellationToken cancellationToken)
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
            return new FlightResult.Deferred(time.GetUtcNow() + options.Value.CoolDown);
        }
    }
}
