using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Template.Tests.Infrastructure;

/// <summary>The codes of an authenticator app (RFC 6238: SHA-1, 30 seconds).</summary>
public static class Totp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    /// <summary>The time within which a test sends a code.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    /// <summary>Returns the six digits that the app shows now. Directus accepts them until the end of the step, so this waits for the next
    /// step if less than five seconds remain.</summary>
    public static async Task<string> NowAsync(string secret)
    {
        await Eventually.TrueAsync(() => Elapsed().Ticks % Step.Ticks < (Step - Reserve).Ticks, "the next step begins");
        return Code(secret, Elapsed().Ticks / Step.Ticks);
    }

    private static TimeSpan Elapsed() => DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch;

    private static string Code(string secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // The algorithm is the standard's.
        var hash = HMACSHA1.HashData(Decode(secret), counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string text)
    {
        var bits = string.Concat(text.Select(letter => Convert.ToString(Base32.IndexOf(letter), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(octet => octet.Length == 8).Select(octet => Convert.ToByte(new string(octet), 2))];
    }
}
