using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace TokenSessionSite.Session.Redis;

/// <summary>Serializes token families for Redis. The data is encrypted and valid only for its own session.</summary>
public sealed class TokenFamilySerializer(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("TokenSession.TokenFamily.v3");

    public byte[] Write(TokenFamily family)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(family.SessionId);
        writer.Write(family.Version);
        writer.Write(family.Generation);
        writer.Write(family.Tokens is not null);
        if (family.Tokens is { } tokens)
        {
            writer.Write(tokens.AccessToken);
            writer.Write(tokens.IssuedAt.UtcTicks);
            writer.Write(tokens.ExpiresAt.UtcTicks);
            writer.Write(tokens.RefreshToken);
            tokens.User.Write(writer);
        }

        writer.Write(family.RevokedThrough);
        writer.Write(family.SignedOutAt?.UtcTicks ?? 0);
        writer.Write(family.RejectedGeneration);
        writer.Write(family.RefreshRefusedSince?.UtcTicks ?? 0);
        writer.Write(family.AccessTokenRefusedSince?.UtcTicks ?? 0);
        writer.Write(family.LastActive.UtcTicks);
        writer.Write(family.ExpiresAt.UtcTicks);
        writer.Write(family.Seen.Length);
        foreach (var (generation, at) in family.Seen)
        {
            writer.Write(generation);
            writer.Write(at.UtcTicks);
        }

        return protector.Protect(stream.ToArray());
    }

    /// <summary>Reads a token family. Returns null if its key is lost, or if this site did not write it for this session.</summary>
    public TokenFamily? Read(string sessionId, byte[] data)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(protector.Unprotect(data)));
            return reader.ReadString() == sessionId ? Read(sessionId, reader) : null;
        }
        catch (Exception failure) when (failure is CryptographicException or EndOfStreamException)
        {
            return null;
        }
    }

    private static TokenFamily Read(string sessionId, BinaryReader reader) =>
        new(sessionId)
        {
            Version = reader.ReadInt64(),
            Generation = reader.ReadInt32(),
            Tokens = reader.ReadBoolean()
                ? new(reader.ReadString(), Time(reader), Time(reader), reader.ReadString(), UserProfile.Read(reader))
                : null,
            RevokedThrough = reader.ReadInt32(),
            SignedOutAt = OptionalTime(reader),
            RejectedGeneration = reader.ReadInt32(),
            RefreshRefusedSince = OptionalTime(reader),
            AccessTokenRefusedSince = OptionalTime(reader),
            LastActive = Time(reader),
            ExpiresAt = Time(reader),
            Seen = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new GenerationSeen(reader.ReadInt32(), Time(reader)))],
        };

    private static DateTimeOffset? OptionalTime(BinaryReader reader) => Time(reader) is { UtcTicks: > 0 } time ? time : null;

    private static DateTimeOffset Time(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);
}
