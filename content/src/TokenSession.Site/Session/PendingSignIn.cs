using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// A sign-in that waits for its second factor. The first step is kept in the browser that made it, in an encrypted cookie that scripts
/// cannot read, for <see cref="Lifetime"/>: the second step asks for the code only. If the backend issued a token for the first step
/// (<see cref="AuthResult.Rejected.MfaToken"/>), the password is not kept.
/// </summary>
public sealed class PendingSignIn(IDataProtectionProvider protection, IOptions<TokenSessionOptions> options, SessionClock clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>A long password does not fit into one cookie.</summary>
    private static readonly ChunkingCookieManager Cookies = new();

    /// <summary>Escapes are longer than the characters.</summary>
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IDataProtector protector = protection.CreateProtector("TokenSession.PendingSignIn");

    /// <summary>The first step of this browser; null if there is none or if it is too old.</summary>
    public Credentials? Read(HttpContext context)
    {
        if (Cookies.GetRequestCookie(context, Name) is not { Length: > 0 } cookie)
        {
            return null;
        }

        try
        {
            var step = JsonSerializer.Deserialize<FirstStep>(protector.Unprotect(cookie))!;
            return clock.GetUtcNow() < step.ExpiresAt ? step.Credentials : null;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or JsonException)
        {
            return null;
        }
    }

    internal void Write(HttpContext context, Credentials credentials, string? mfaToken)
    {
        var first = mfaToken is null ? credentials : credentials with { Password = "", MfaToken = mfaToken };
        var step = new FirstStep(first with { Otp = null, RecoveryCode = null }, clock.GetUtcNow() + Lifetime);
        Cookies.AppendResponseCookie(context, Name, protector.Protect(JsonSerializer.Serialize(step, Json)), CookieOptions(context));
    }

    internal void Delete(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(Name))
        {
            Cookies.DeleteCookie(context, Name, CookieOptions(context));
        }
    }

    private string Name => options.Value.PendingSignInCookie;

    private CookieOptions CookieOptions(HttpContext context) =>
        new()
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = Lifetime,
            Path = "/",
            SameSite = SameSiteMode.Strict,
            Secure = options.Value.SecureCookies || context.Request.IsHttps,
        };

    private sealed record FirstStep(Credentials Credentials, DateTimeOffset ExpiresAt);
}
