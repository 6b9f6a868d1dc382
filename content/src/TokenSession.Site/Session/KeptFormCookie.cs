using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Keeps a form that was posted after the end of the session until the user has signed in, in an encrypted cookie.</summary>
public sealed class KeptFormCookie(IDataProtectionProvider protection, IOptions<TokenSessionOptions> options, SessionClock clock)
    : ISessionBoundCookie
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>By default, nginx accepts 4,096 bytes of headers. The same response also deletes the cookies of the session.</summary>
    private const int MaxLength = 2200;

    private readonly SealedCookie<KeptForm> cookie = new(
        options.Value.KeptFormCookie,
        "TokenSession.KeptForm",
        Lifetime,
        MaxLength,
        SameSiteMode.Strict,
        protection,
        options.Value,
        clock
    );

    /// <summary>Reads the form of this browser; null if there is none, if it is too old, or if it is the form of another user.</summary>
    public KeptForm? Read(HttpContext context)
    {
        var (form, user) = (cookie.Read(context), context.GetTokenSession().UserHash);
        return form is { User: not "" } && user is not "" && form.User != user ? null : form;
    }

    /// <summary>Writes the form. Returns false if it is too long for a cookie, or if the cookie has the form of another tab.</summary>
    public bool Write(HttpContext context, KeptForm form) =>
        cookie.Read(context) is { } kept ? kept.IsSentBy(form) : cookie.Write(context, form);

    public void Delete(HttpContext context) => cookie.Delete(context);
}
