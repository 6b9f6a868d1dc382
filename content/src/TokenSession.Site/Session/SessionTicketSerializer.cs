using System.Buffers.Text;
using Microsoft.AspNetCore.Authentication;

namespace TokenSessionSite.Session;

/// <summary>
/// Writes a ticket in as few bytes as possible, because proxies limit the size of headers. Tokens are mostly base64url text, which the
/// cookie would encode a second time. Decoded, they take a quarter less. The ticket is not compressed, because the length of compressed
/// data reveals something about its content.
/// </summary>
internal sealed class SessionTicketSerializer : IDataSerializer<AuthenticationTicket>
{
    private const byte Version = 3;

    public byte[] Serialize(AuthenticationTicket model)
    {
        var ticket =
            SessionTicket.Read(model.Properties)
            ?? throw new InvalidOperationException(
                $"The scheme {TokenSessionOptions.Scheme} signs in with tokens. Call {nameof(SessionService)}.{nameof(SessionService.SignInAsync)} "
                    + "instead of HttpContext.SignInAsync."
            );
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(Convert.FromHexString(ticket.SessionId));
        writer.Write7BitEncodedInt(ticket.Generation);
        writer.Write(ticket.IsPersistent);
        Write(writer, ticket.StartedAt);
        Write(writer, ticket.LastActive);
        Write(writer, ticket.Tokens.IssuedAt);
        Write(writer, ticket.Tokens.ExpiresAt);
        Write(writer, ticket.Tokens.AccessToken);
        Write(writer, ticket.Tokens.RefreshToken);
        ticket.Tokens.User.Write(writer);
        return stream.ToArray();
    }

    /// <summary>Returns null for a ticket of another version. Its user has to sign in again.</summary>
    public AuthenticationTicket? Deserialize(byte[] data)
    {
        using var reader = new BinaryReader(new MemoryStream(data));
        if (reader.ReadByte() is not Version)
        {
            return null;
        }

        var (id, generation, isPersistent) = (
            Convert.ToHexStringLower(reader.ReadBytes(16)),
            reader.Read7BitEncodedInt(),
            reader.ReadBoolean()
        );
        var (startedAt, lastActive, issuedAt, expiresAt) = (ReadTime(reader), ReadTime(reader), ReadTime(reader), ReadTime(reader));
        var tokens = new SessionTokens(ReadToken(reader), issuedAt, expiresAt, ReadToken(reader), UserProfile.Read(reader));
        var ticket = new SessionTicket(id, generation, tokens, startedAt, lastActive, isPersistent);
        var properties = new AuthenticationProperties();
        ticket.WriteTo(properties);
        return new(SessionPrincipal.Create(ticket), properties, TokenSessionOptions.Scheme);
    }

    private static void Write(BinaryWriter writer, DateTimeOffset time) => writer.Write(time.UtcTicks);

    private static DateTimeOffset ReadTime(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);

    /// <summary>Writes the parts between the dots (a JWT has three): as bytes if that loses nothing, else as text.</summary>
    private static void Write(BinaryWriter writer, string token)
    {
        var parts = token.Split('.');
        writer.Write7BitEncodedInt(parts.Length);
        foreach (var part in parts)
        {
            var bytes = Base64Url.IsValid(part) ? Base64Url.DecodeFromChars(part) : null;
            var isBytes = bytes is not null && Base64Url.EncodeToString(bytes) == part;
            writer.Write(isBytes);
            if (isBytes)
            {
                writer.Write7BitEncodedInt(bytes!.Length);
                writer.Write(bytes);
            }
            else
            {
                writer.Write(part);
            }
        }
    }

    private static string ReadToken(BinaryReader reader) =>
        string.Join(
            '.',
            Enumerable
                .Range(0, reader.Read7BitEncodedInt())
                .Select(_ =>
                    reader.ReadBoolean() ? Base64Url.EncodeToString(reader.ReadBytes(reader.Read7BitEncodedInt())) : reader.ReadString()
                )
        );
}
