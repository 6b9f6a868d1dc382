using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using TokenSessionSite.Session;

namespace Bench;

/// <summary>The memory that a token family takes.</summary>
internal static class TokenFamilies
{
    private const int Count = 100_000;

    public static async Task RunAsync(Workshop workshop)
    {
        var clock = new SessionClock(TimeProvider.System);
        var store = new FileTokenFamilyStore(
            new SessionDirectory(null, NullLogger<SessionDirectory>.Instance),
            new TokenFamilySerializer(new EphemeralDataProtectionProvider()),
            new TokenFamilyCache(clock),
            clock,
            NullLogger<FileTokenFamilyStore>.Instance
        );
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var session = 0; session < Count; session++)
            await AddAsync(store, clock.GetUtcNow());
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        GC.KeepAlive(store);

        Console.WriteLine();
        Console.WriteLine($"Token families: {Count} refreshed sessions take {taken / 1e6:0} MB, {taken / Count} bytes each.");
    }

    /// <summary>The family of a session that refreshes, and whose browser sends each new cookie.</summary>
    private static async Task AddAsync(ITokenFamilyStore store, DateTimeOffset now)
    {
        var ticket = SessionTicket.Start(NewTokens(now), now, isPersistent: true);
        await store.UpdateAsync(ticket.SessionId, known => known.Refreshed(1, NewTokens(now)).WithExpiry(now.AddHours(1)));
        await store.UpdateAsync(ticket.SessionId, known => known.MarkSeen(1, now, TimeSpan.FromMinutes(15)));
        await store.UpdateAsync(ticket.SessionId, known => known.Refreshed(2, NewTokens(now)));
        await store.UpdateAsync(ticket.SessionId, known => known.MarkSeen(2, now, TimeSpan.FromMinutes(15)).ActiveAt(now));
    }

    private static SessionTokens NewTokens(DateTimeOffset now)
    {
        var (accessToken, refreshToken) = TokenBackend.Issue(TimeSpan.FromMinutes(15));
        return new(accessToken, now, now.AddMinutes(15), refreshToken);
    }
}
