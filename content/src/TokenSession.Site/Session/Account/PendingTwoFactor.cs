using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>A second factor that waits for its first code. The browser keeps the password of the first step for <see cref="Lifetime"/>, in
/// an encrypted cookie that scripts cannot read. The second step asks only for the code.</summary>
public sealed class PendingTwoFactor(IDataProtectionProvider protection, IOptions<TokenSessionOptions> options, SessionClock clock)
    : ISessionBoundCookie
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly SealedCookie<Setup> cookie = new(
        options.Value.HostPrefix + options.Value.CookiePrefix + "_two_factor",
        "TokenSession.PendingTwoFactor",
        Lifetime,
        maxLength: int.MaxValue,
        SameSiteMode.Strict,
        protection,
        options.Value,
        clock
    );

    /// <summary>Reads the first step of this user in this browser; null if there is none or if it is too old.</summary>
    public Setup? Read(HttpContext context) =>
        cookie.Read(context) is { } setup && setup.User == context.GetTokenSession().UserHash ? setup : null;

    internal void Write(HttpContext context, string password, AccountResult.TwoFactorSetup setup) =>
        cookie.Write(context, new(context.GetTokenSession().UserHash, password, setup.Secret, setup.Uri));

    /// <summary>Whether this result of the second step ends the setup. Otherwise, the user can enter another code.</summary>
    public static bool EndsWith(AccountResult result) =>
        result
            is AccountResult.Done
                or AccountResult.NotOffered
                or AccountResult.Refused { Field: AccountField.Password }
                or AccountResult.Refused { Reason: not null };

    public void Delete(HttpContext context) => cookie.Delete(context);

    /// <param name="User">The hash of the user.</param>
    /// <param name="Password">The password of the first step.</param>
    /// <param name="Secret">The secret in Base32.</param>
    /// <param name="Uri">The secret for a QR code.</param>
    public sealed record Setup(string User, string Password, string Secret, string Uri)
    {
        /// <summary>Contains no secret.</summary>
        public override string ToString() => "a second factor";
    }
}
