using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace TokenSessionSite.Session;

/// <summary>
/// Remembers for a minute what tickets were opened to: decrypting and reading one is most of what a signed-in request costs beyond one of a
/// guest. Only the opening is spared. Whether the ticket has expired, and whether its session is idle, over or ended, is asked every time.
/// </summary>
/// <remarks>Nothing that does not open is remembered, and a revoked key forgets everything.</remarks>
public sealed class OpenedTickets : ISecureDataFormat<AuthenticationTicket>, IDisposable
{
    /// <summary>So many tickets at most; beyond that they are opened anew.</summary>
    public const int Most = 10_000;

    /// <summary>No ticket is remembered for longer, however often it comes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly ISecureDataFormat<AuthenticationTicket> tickets;
    private readonly IKeyManager keys;
    private readonly TimeProvider time;
    private readonly MemoryCache opened;
    private readonly IDisposable revocations;
    private long quietUntil;

    public OpenedTickets(ISecureDataFormat<AuthenticationTicket> tickets, IKeyManager keys, TimeProvider time)
    {
        (this.tickets, this.keys, this.time) = (tickets, keys, time);
        opened = new(new MemoryCacheOptions { SizeLimit = Most, Clock = new Clock(time) });

        // The framework reads its keys anew in the background, and for a moment still opens what a revoked one sealed.
        revocations = ChangeToken.OnChange(Revocation, () => Interlocked.Exchange(ref quietUntil, (time.GetUtcNow() + Longest).UtcTicks));
    }

    /// <summary>How many tickets are remembered.</summary>
    public int Count => opened.Count;

    public AuthenticationTicket? Unprotect(string? protectedText) => Unprotect(protectedText, purpose: null);

    public AuthenticationTicket? Unprotect(string? protectedText, string? purpose)
    {
        if (protectedText is null || purpose is not null || time.GetUtcNow().UtcTicks < Interlocked.Read(ref quietUntil))
        {
            return tickets.Unprotect(protectedText, purpose);
        }

        var key = KeyOf(protectedText);
        if (opened.Get<AuthenticationTicket>(key) is { } known)
        {
            return known.Clone();
        }

        // Asked for before the ticket is opened: a key that is revoked meanwhile counts.
        var revoked = Revocation();
        if (tickets.Unprotect(protectedText) is not { } ticket)
        {
            return null;
        }

        // Read before it is stored, so that no copy needs to be. Clones, because whoever gets a ticket may change it.
        SessionTicket.Read(ticket.Properties);
        opened.Set(
            key,
            ticket.Clone(),
            new MemoryCacheEntryOptions
            {
                AbsoluteExpirationRelativeToNow = Longest,
                Size = 1,
                ExpirationTokens = { revoked },
            }
        );
        return ticket;
    }

    public string Protect(AuthenticationTicket data) => tickets.Protect(data);

    public string Protect(AuthenticationTicket data, string? purpose) => tickets.Protect(data, purpose);

    public void Dispose()
    {
        revocations.Dispose();
        opened.Dispose();
    }

    private CancellationChangeToken Revocation() => new(keys.GetCacheExpirationToken());

    /// <summary>The whole SHA-256, so that only the very same value is taken for it. Lone surrogates, which UTF-8 does not tell
    /// apart, are in nothing that opens.</summary>
    private static (UInt128, UInt128) KeyOf(string protectedText)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(protectedText.Length));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(protectedText, bytes)), hash);
        ArrayPool<byte>.Shared.Return(bytes);
        return MemoryMarshal.Read<(UInt128, UInt128)>(hash);
    }

    private sealed class Clock(TimeProvider time) : Microsoft.Extensions.Internal.ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
