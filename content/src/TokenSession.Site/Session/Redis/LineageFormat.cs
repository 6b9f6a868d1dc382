using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace TokenSessionSite.Session.Redis;

/// <summary>A lineage as it lies in Redis: encrypted, and good for the session that it belongs to and no other.</summary>
public sealed class LineageFormat(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("TokenSession.Lineage.v1");

    public byte[] Write(SessionLineage lineage)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(lineage.SessionId);
        writer.Write(lineage.Version);
        writer.Write(lineage.Generation);
        writer.Write(lineage.Tokens is not null);
        if (lineage.Tokens is { } tokens)
        {
            writer.Write(tokens.AccessToken);
            writer.Write(tokens.IssuedAt.UtcTicks);
            writer.Write(tokens.ExpiresAt.UtcTicks);
            writer.Write(tokens.RefreshToken);
        }

        writer.Write(lineage.EndedThrough);
        writer.Write(lineage.EndedAt?.UtcTicks ?? 0);
        writer.Write(lineage.LastActive.UtcTicks);
        writer.Write(lineage.ForgetAt.UtcTicks);
        writer.Write(lineage.Presented.Length);
        foreach (var (generation, at) in lineage.Presented)
        {
            writer.Write(generation);
            writer.Write(at.UtcTicks);
        }

        return protector.Protect(stream.ToArray());
    }

    /// <summary>Null when it cannot be read: its keys are lost, or somebody put it there who is not this site.</summary>
    public SessionLineage? Read(string sessionId, byte[] data)
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

    private static SessionLineage Read(string sessionId, BinaryReader reader) =>
        new(sessionId)
        {
            Version = reader.ReadInt64(),
            Generation = reader.ReadInt32(),
            Tokens = reader.ReadBoolean() ? new(reader.ReadString(), Time(reader), Time(reader), reader.ReadString()) : null,
            EndedThrough = reader.ReadInt32(),
            EndedAt = Time(reader) is { UtcTicks: > 0 } endedAt ? endedAt : null,
            LastActive = Time(reader),
            ForgetAt = Time(reader),
            Presented = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new Presentation(reader.ReadInt32(), Time(reader)))],
        };

    private static DateTimeOffset Time(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);
}
