using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace TokenSessionSite.Session;

/// <summary>Serializes token families. The data is encrypted and valid only for its own session.</summary>
public sealed class TokenFamilySerializer(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("TokenSession.TokenFamily.v4");

    public byte[] Write(TokenFamily family) => protector.Protect(JsonSerializer.SerializeToUtf8Bytes(family));

    /// <summary>Reads a token family. Returns null if its key is lost, or if this site did not write it for this session.</summary>
    public TokenFamily? Read(string sessionId, byte[] data)
    {
        try
        {
            var family = JsonSerializer.Deserialize<TokenFamily>(protector.Unprotect(data));
            return family?.SessionId == sessionId ? family : null;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }
}
