namespace TokenSessionSite.Session;

/// <summary>
/// The settings of the session, read from the section <c>TokenSession</c> of the configuration (as environment variables:
/// <c>TokenSession__Grace=00:05:00</c>). Times are TimeSpans (<c>hh:mm:ss</c>, or <c>d.hh:mm:ss</c>). A wrong value stops the start.
/// </summary>
public sealed class TokenSessionOptions
{
    /// <summary>The section of the configuration, and the name of the authentication scheme.</summary>
    public const string Section = "TokenSession",
        Scheme = "TokenSession";

    /// <summary>What the three cookies' names begin with: letters, digits, <c>-</c> and <c>_</c>.</summary>
    public string CookiePrefix { get; set; } = "tokensession_site";

    /// <summary>How long before its expiry an access token is refreshed; never more than a fifth of the token's life. Default 30 s.
    /// </summary>
    public TimeSpan RefreshBefore { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a flight, the one refresh under way for a session, may take. Default 5 s.</summary>
    public TimeSpan RefreshTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The least time between two refreshes of a session when the backend could not answer, randomised by a half either way.
    /// A longer <c>Retry-After</c> of the backend wins, up to <see cref="RetryAfterCap"/>. Default 1 s.</summary>
    public TimeSpan CoolDown { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest <c>Retry-After</c> that is believed. Default 60 s.</summary>
    public TimeSpan RetryAfterCap { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an older cookie stays good after the cookie that follows it was first presented. Default: the life of an access
    /// token, at least 60 s.</summary>
    public TimeSpan? Grace { get; set; }

    /// <summary>A session without a page request for this long is over (OWASP ASVS 5, 7.3.1). Default 7 days.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromDays(7);

    /// <summary>A session is over this long after sign-in, however busy (OWASP ASVS 5, 7.3.2). Default 30 days.</summary>
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether scripts may read the access token from a cookie. Default true; false keeps it out of the browser.</summary>
    public bool AccessTokenInBrowser { get; set; } = true;

    /// <summary>True lets a site on plain HTTP (a test, a closed network) work outside Development: cookies then follow the request's
    /// scheme and carry no <c>__Host-</c> prefix. Default false.</summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>How many sign-ins of one client for one account may fail at once, and then within each <see cref="FailedSignInPeriod"/>.
    /// Beyond that they are answered 429: one more is heard each time its share of the period has passed. Good ones never count. Behind a
    /// proxy, all clients look like one unless forwarded headers are configured. Default 10.</summary>
    public int FailedSignInsPerClient { get; set; } = 10;

    /// <summary>The same for one account, whatever the clients; looser, so that one client does not lock another out. Default 100.</summary>
    public int FailedSignInsPerAccount { get; set; } = 100;

    /// <summary>What failed sign-ins are counted over. Default a minute.</summary>
    public TimeSpan FailedSignInPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The folder of the Data Protection keys that tickets are encrypted with, unless they lie in Redis: whoever loses it signs everybody out, whoever reads
    /// it reads tickets. Relative paths begin at the site's folder. Default: <c>TokenSession.Site/keys</c> in the local application data of
    /// the account that runs the site (<c>~/.local/share</c> on Linux, <c>%LOCALAPPDATA%</c> on Windows).</summary>
    public string? KeyFolder { get; set; }

    /// <summary>A PFX file (PKCS#12) with the certificate that encrypts those keys, wherever they lie. Default: none; on Windows, keys in a
    /// folder are encrypted for the account all the same.</summary>
    public string? KeyCertificate { get; set; }

    /// <summary>The password of <see cref="KeyCertificate"/>. Default: none.</summary>
    public string? KeyCertificatePassword { get; set; }

    /// <summary>Where login, refresh and logout are mapped. Default <c>/api/auth</c>.</summary>
    public string BasePath { get; set; } = "/api/auth";

    /// <summary>The page for guests who want in. Default <c>/login</c>.</summary>
    public string LoginPath { get; set; } = "/login";

    /// <summary>The page with the sign-out button. Default <c>/logout</c>.</summary>
    public string LogoutPath { get; set; } = "/logout";

    /// <summary>Where people go after sign-in when they were not on their way to another page. Default <c>/app</c>.</summary>
    public string HomePath { get; set; } = "/app";

    /// <summary>The encrypted ticket: HttpOnly, never readable by scripts; carries the <c>__Host-</c> prefix when cookies are Secure.
    /// </summary>
    public string TicketCookie => HostPrefix + CookiePrefix + "_refresh_token";

    /// <summary>The access token, for scripts.</summary>
    public string AccessTokenCookie => CookiePrefix + "_token";

    /// <summary>The session indicator, for scripts: when the access token expires.</summary>
    public string SessionCookie => CookiePrefix + "_session";

    /// <summary>What a form's hidden field must match.</summary>
    public string AntiforgeryCookie => HostPrefix + CookiePrefix + "_antiforgery";

    private string HostPrefix => SecureCookies ? "__Host-" : "";

    /// <summary>Decided once, at start: true outside Development unless <see cref="AllowInsecureHttp"/>.</summary>
    internal bool SecureCookies { get; set; }

    internal DateTimeOffset EndsAt(SessionTicket ticket) => ticket.Began + AbsoluteTimeout;

    /// <summary>When the session ends if its user asks for no page until then.</summary>
    internal DateTimeOffset EndsUnattendedAt(SessionTicket ticket)
    {
        var idleLimit = ticket.LastActive + IdleTimeout;
        return idleLimit < EndsAt(ticket) ? idleLimit : EndsAt(ticket);
    }

    internal bool IsOver(SessionTicket ticket, DateTimeOffset now) => now >= EndsUnattendedAt(ticket);

    internal TimeSpan GraceFor(SessionTokens tokens) =>
        Grace ?? (tokens.Lifetime > TimeSpan.FromSeconds(60) ? tokens.Lifetime : TimeSpan.FromSeconds(60));
}
