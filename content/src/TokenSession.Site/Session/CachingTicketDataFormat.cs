using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace TokenSessionSite.Session;

/// <summary>Caches decrypted tickets for a minute, because decrypting and reading a ticket is most of the extra cost of a signed-in
/// request. Every request still checks whether the session is expired, idle or revoked.</summary>
/// <remarks>A value that cannot be decrypted is not cached, and the revocation of a key clears the cache.</remarks>
public sealed class CachingTicketDataFormat : ISecureDataFormat<AuthenticationTicket>, IDisposable
{
    /// <summary>The limit of the cache in bytes. While the cache is full, further tickets are decrypted each time.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    public static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(60);

    private readonly ISecureDataFormat<AuthenticationTicket> format;
    private readonly IKeyManager keys;
    private readonly TimeProvider time;
    private readonly MemoryCache cache;
    private readonly IDisposable revocations;
    private long disabledUntil;

    public CachingTicketDataFormat(ISecureDataFormat<AuthenticationTicket> format, IKeyManager keys, TimeProvider time)
    {
        (this.format, this.keys, this.time) = (format, keys, time);
        cache = new(new MemoryCacheOptions { SizeLimit = MaxBytes, Clock = new Clock(time) });

        // After a revocation, the framework reloads its keys in the background and still decrypts with the revoked key for a moment.
        // Therefore nothing is cached for a minute.
        revocations = ChangeToken.OnChange(
            Revocation,
            () => Interlocked.Exchange(ref disabledUntil, (time.GetUtcNow() + CacheDuration).UtcTicks)
        );
    }

    public int Count => cache.Count;

    public AuthenticationTicket? Unprotect(string? protectedText) => Unprotect(protectedText, purpose: null);

    public AuthenticationTicket? Unprotect(string? protectedText, string? purpose)
    {
        if (protectedText is null || purpose is not null || time.GetUtcNow().UtcTicks < Interlocked.Read(ref disabledUntil))
        {
            return format.Unprotect(protectedText, purpose);
        }

        var key = KeyOf(protectedText);
        if (cache.Get<AuthenticationTicket>(key) is { } cached)
        {
            return cached.Clone();
        }

        // Created before the decryption, so that a revocation during the decryption also removes the entry.
        var revocation = Revocation();
        if (format.Unprotect(protectedText) is not { } ticket)
        {
            return null;
        }

        // A clone, because the caller may change the ticket.
        var options = new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = CacheDuration, Size = SizeOf(protectedText) };
        cache.Set(key, ticket.Clone(), options.AddExpirationToken(revocation));
        return ticket;
    }

    public string Protect(AuthenticationTicket data) => format.Protect(data);

    public string Protect(AuthenticationTicket data, string? purpose) => format.Protect(data, purpose);

    public void Dispose()
    {
        revocations.Dispose();
        cache.Dispose();
    }

    /// <summary>Estimates the bytes of an entry: its tokens as UTF-16 text, and 2 kB for the entry, the claims and the
    /// properties.</summary>
    private static long SizeOf(string protectedText) => (2 * protectedText.Length) + 2048;

    private CancellationChangeToken Revocation() => new(keys.GetCacheExpirationToken());

    /// <summary>Returns the whole SHA-256 hash, so that only the identical value matches. UTF-8 cannot distinguish lone surrogates, but a
    /// value that can be decrypted has none.</summary>
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
