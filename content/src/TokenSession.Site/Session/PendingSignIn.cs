using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// A sign-in that waits for its second factor. The browser keeps the first step for <see cref="Lifetime"/>, in an encrypted cookie that
/// scripts cannot read. The second step asks only for the code. If the backend issued a token for the first step
/// (<see cref="AuthResult.Rejected.MfaToken"/>), the password is not kept.
/// </summary>
public sealed class PendingSignIn(IDataProtectionProvider protection, IOptions<TokenSessionOptions> options, SessionClock clock)
    : ISessionBoundCookie
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly SealedCookie<Credentials> cookie = new(
        options.Value.PendingSignInCookie,
        "TokenSession.PendingSignIn",
        Lifetime,
        maxLength: int.MaxValue,
        SameSiteMode.Strict,
        protection,
        options.Value,
        clock
    );

    /// <summary>Reads the first step of this browser; null if there is none or if it is too old.</summary>
    public Credentials? Read(HttpContext context) => cookie.Read(context);

    internal void Write(HttpContext context, Credentials credentials, string? mfaToken)
    {
        var first = mfaToken is null ? credentials : credentials with { Password = "", MfaToken = mfaToken };
        cookie.Write(context, first with { Otp = null, RecoveryCode = null });
    }

    public void Delete(HttpContext context) => cookie.Delete(context);
}
