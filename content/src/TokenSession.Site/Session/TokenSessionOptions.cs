namespace TokenSessionSite.Session;

/// <summary>
/// The settings of the session: section <c>TokenSession</c> of the configuration (as environment variable:
/// <c>TokenSession__GracePeriod=00:05:00</c>). Durations are TimeSpans (<c>hh:mm:ss</c>, or <c>d.hh:mm:ss</c>). An invalid value stops
/// the start.
/// </summary>
public sealed class TokenSessionOptions
{
    /// <summary>The section of the configuration, and the name of the authentication scheme.</summary>
    public const string Section = "TokenSession",
        Scheme = "TokenSession";

    /// <summary>The beginning of each cookie name that is not set separately: letters, digits, <c>-</c> and <c>_</c>.</summary>
    public string CookiePrefix { get; set; } = "tokensession_site";

    /// <summary>Name of the encrypted ticket cookie, which scripts cannot read. Default: the prefix and <c>_refresh_token</c>. The site adds
    /// <c>__Host-</c> where cookies are Secure.</summary>
    public string RefreshTokenCookie
    {
        get => field ?? CookiePrefix + "_refresh_token";
        set;
    }

    /// <summary>Name of the cookie with the access token, for scripts. Default: the prefix and <c>_token</c>.</summary>
    public string AccessTokenCookie
    {
        get => field ?? CookiePrefix + "_token";
        set;
    }

    /// <summary>Name of the session indicator, the cookie that tells scripts when the access token expires. Default: the prefix and
    /// <c>_session</c>.</summary>
    public string SessionCookie
    {
        get => field ?? CookiePrefix + "_session";
        set;
    }

    /// <summary>How long before its expiry an access token is refreshed; at most a fifth of its lifetime. Default 30 s.</summary>
    public TimeSpan RefreshBeforeExpiration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time limit of a refresh, and of a sign-out at the backend. Default 5 s.</summary>
    public TimeSpan RefreshTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time limit of a sign-in at the backend. Default 10 s.</summary>
    public TimeSpan SignInTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Delay before the next refresh of a session when the backend could not answer, randomized by half of it up or down. A longer
    /// <c>Retry-After</c> of the backend counts instead, up to <see cref="MaxRetryAfter"/>. Default 1 s.</summary>
    public TimeSpan RefreshRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest <c>Retry-After</c> of the backend that the site follows. Default 60 s.</summary>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a superseded cookie is accepted after a browser first sent its successor. Default: the lifetime of an access token,
    /// at least 60 s.</summary>
    public TimeSpan? GracePeriod { get; set; }

    /// <summary>A session ends when its user has opened no page for this long (OWASP ASVS 5, 7.3.1). Default 7 days.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromDays(7);

    /// <summary>A session ends this long after sign-in (OWASP ASVS 5, 7.3.2). Default 30 days.</summary>
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether scripts can read the access token from a cookie. Default true.</summary>
    public bool AccessTokenInBrowser { get; set; } = true;

    /// <summary>True for a site on plain HTTP outside Development (a test, a closed network): cookies then follow the scheme of the request
    /// and have no <c>__Host-</c> prefix. Default false.</summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>
    /// How many sign-ins of one client to one account may fail at once, and then in each <see cref="FailedSignInPeriod"/>. After that, a
    /// sign-in gets 429, and one more attempt is allowed each time the period divided by this number has passed. Successful sign-ins do not
    /// count. Behind a proxy, configure forwarded headers. Otherwise, all clients have the address of the proxy. Default 10.
    /// </summary>
    public int FailedSignInsPerClient { get; set; } = 10;

    /// <summary>The same for one account and all clients together. It is higher, so that one client does not lock out the others. Default
    /// 100.</summary>
    public int FailedSignInsPerAccount { get; set; } = 100;

    /// <summary>The same for one client and all accounts together: it limits an attacker who tries one password on many accounts. Default
    /// 100.</summary>
    public int FailedSignInsPerAddress { get; set; } = 100;

    /// <summary>The period of the three limits. Default 1 minute.</summary>
    public TimeSpan FailedSignInPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Directory of the Data Protection keys that encrypt the tickets, and of <see cref="SessionDirectory"/>. If it is lost, all
    /// users must sign in again. A relative path starts at the content root. Default:
    /// <c>TokenSession.Site/keys</c> in the local application data of the account that runs the site (<c>~/.local/share</c> on Linux,
    /// <c>%LOCALAPPDATA%</c> on Windows).</summary>
    public string? DataProtectionKeyDirectory { get; set; }

    /// <summary>A PFX file (PKCS#12) with the certificate that encrypts the Data Protection keys. Default: none. On Windows, keys in a
    /// directory are then encrypted for the account that runs the site.</summary>
    public string? DataProtectionCertificate { get; set; }

    /// <summary>The password of <see cref="DataProtectionCertificate"/>. Default: none.</summary>
    public string? DataProtectionCertificatePassword { get; set; }

    /// <summary>Path of the login, refresh and logout endpoints. Default <c>/api/auth</c>.</summary>
    public string BasePath { get; set; } = "/api/auth";

    /// <summary>Name of the page where guests sign in, below the folder <c>Pages</c>. Its address comes from its <c>@page</c> directive.
    /// Default <c>/Login</c>.</summary>
    public string LoginPage { get; set; } = "/Login";

    /// <summary>Name of the page with the sign-out button. Default <c>/Logout</c>.</summary>
    public string LogoutPage { get; set; } = "/Logout";

    /// <summary>Name of the page that users see after a sign-in that has no other destination. Default <c>/App/Index</c>.</summary>
    public string HomePage { get; set; } = "/App/Index";

    /// <summary>A path to use instead of <see cref="HomePage"/>, for a destination that is not a Razor Page. Default: none.</summary>
    public string? DefaultReturnPath { get; set; }

    /// <summary>The full name of the ticket cookie.</summary>
    public string TicketCookie => HostPrefix + RefreshTokenCookie;

    /// <summary>The name of the cookie that tells scripts which user the session belongs to (<see cref="CurrentSession.UserHash"/>).</summary>
    public string UserCookie => CookiePrefix + "_user";

    /// <summary>The full name of the cookie of a sign-in that waits for its second factor.</summary>
    public string PendingSignInCookie => HostPrefix + CookiePrefix + "_sign_in";

    /// <summary>The full name of the cookie of a form that waits for a sign-in.</summary>
    public string KeptFormCookie => HostPrefix + CookiePrefix + "_form";

    /// <summary>The name of the cookie that the login page sets to find out whether the browser accepts cookies.</summary>
    public string ProbeCookie => CookiePrefix + "_cookies";

    /// <summary>The full name of the antiforgery cookie.</summary>
    public string AntiforgeryCookie => HostPrefix + CookiePrefix + "_antiforgery";

    internal string[] ReadableCookies => [SessionCookie, AccessTokenCookie, UserCookie];

    /// <summary>True outside Development, unless <see cref="AllowInsecureHttp"/> is true. Set at startup.</summary>
    internal bool SecureCookies { get; set; }

    /// <summary>Browsers accept a Secure cookie with this prefix for its own host only (RFC 6265bis, 4.1.3.2).</summary>
    internal string HostPrefix => SecureCookies ? "__Host-" : "";

    internal DateTimeOffset AbsoluteExpiryOf(SessionTicket ticket) => ticket.StartedAt + AbsoluteTimeout;

    /// <summary>Returns when the session ends if its user opens no more pages.</summary>
    internal DateTimeOffset ExpiryOf(SessionTicket ticket)
    {
        var idle = ticket.LastActive + IdleTimeout;
        return idle < AbsoluteExpiryOf(ticket) ? idle : AbsoluteExpiryOf(ticket);
    }

    /// <summary>Returns which limit ended the session.</summary>
    internal SessionEndReason LimitReachedBy(SessionTicket ticket, DateTimeOffset now) =>
        now >= AbsoluteExpiryOf(ticket) ? SessionEndReason.Limit : SessionEndReason.Idle;

    internal TimeSpan GracePeriodFor(SessionTokens tokens) =>
        GracePeriod ?? (tokens.Lifetime > TimeSpan.FromSeconds(60) ? tokens.Lifetime : TimeSpan.FromSeconds(60));
}
