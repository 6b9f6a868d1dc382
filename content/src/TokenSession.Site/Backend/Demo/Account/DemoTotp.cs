using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace TokenSessionSite.Backend.Demo.Account;

/// <summary>Creates the one-time codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 s), so that you can try the demo with your
/// app.</summary>
public static class DemoTotp
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private const int Period = 30;

    /// <summary>Returns a secret in Base32.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(Alphabet, 32);

    public static string Code(string secret, DateTimeOffset now) => CodeOf(secret, now.ToUnixTimeSeconds() / Period);

    /// <summary>Determines whether a code is the current, the previous or the next one.</summary>
    public static bool Accepts(string secret, string code, DateTimeOffset now) =>
        Enumerable.Range(-1, 3).Any(step => CodeOf(secret, (now.ToUnixTimeSeconds() / Period) + step) == code);

    [SuppressMessage("Security", "CA5350", Justification = "Authenticator apps use SHA-1.")]
    private static string CodeOf(string secret, long step)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var hash = HMACSHA1.HashData(FromBase32(secret), counter);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(letter => Convert.ToString(Alphabet.IndexOf(letter), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(bits => bits.Length is 8).Select(bits => Convert.ToByte(new string(bits), 2))];
    }
}
