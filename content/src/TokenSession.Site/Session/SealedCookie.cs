using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Keeps a value in the browser for a limited time, in an encrypted cookie that scripts cannot read.</summary>
/// <param name="name">The name of the cookie.</param>
/// <param name="purpose">Separates the encryption of this cookie from that of other cookies.</param>
/// <param name="lifetime">How long the value can be read.</param>
/// <param name="maxLength">The maximum length of the encrypted value in characters. A longer value is not written.</param>
/// <param name="sameSite">Whether the browser sends the cookie with a link or a form of another site.</param>
internal sealed class SealedCookie<T>(
    string name,
    string purpose,
    TimeSpan lifetime,
    int maxLength,
    SameSiteMode sameSite,
    IDataProtectionProvider protection,
    TokenSessionOptions options,
    SessionClock clock
)
    where T : class
{
    /// <summary>Splits a long value, such as a long password, into several cookies.</summary>
    private static readonly ChunkingCookieManager Cookies = new();

    /// <summary>Without escapes, because they are longer than the characters.</summary>
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IDataProtector protector = protection.CreateProtector(purpose);

    /// <summary>Reads the value of this browser; null if there is none, or if it is too old.</summary>
    public T? Read(HttpContext context)
    {
        if (Cookies.GetRequestCookie(context, name) is not { Length: > 0 } cookie)
        {
            return null;
        }

        try
        {
            var content = JsonSerializer.Deserialize<Content>(protector.Unprotect(cookie), Json)!;
            return clock.GetUtcNow() < content.ExpiresAt ? content.Value : null;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the value. Returns false if it is too long; the cookie is then unchanged.</summary>
    public bool Write(HttpContext context, T value)
    {
        var text = protector.Protect(JsonSerializer.Serialize(new Content(value, clock.GetUtcNow() + lifetime), Json));
        if (text.Length > maxLength)
        {
            return false;
        }

        Cookies.AppendResponseCookie(context, name, text, CookieOptions(context));
        return true;
    }

    public void Delete(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(name))
        {
            Cookies.DeleteCookie(context, name, CookieOptions(context));
        }
    }

    private CookieOptions CookieOptions(HttpContext context) =>
        new()
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = lifetime,
            Path = "/",
            SameSite = sameSite,
            Secure = options.SecureCookies || context.Request.IsHttps,
        };

    private sealed record Content(T Value, DateTimeOffset ExpiresAt);
}
