using Microsoft.Extensions.Options;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>The settings of the backend: section <c>Backend</c> of the configuration. Durations are TimeSpans (<c>hh:mm:ss</c>).</summary>
public sealed class BackendOptions
{
    public const string Section = "Backend";

    /// <summary>Address of the API: http or https, with a path if the API has one, such as <c>https://api.example.com/v1</c>. If it is
    /// empty, the site uses the demo backend in Development, and does not start in other environments.</summary>
    public string? Url { get; set; }

    /// <summary>This site's id as an OAuth client of the backend, if the backend has clients. The calls that issue, refresh and revoke tokens
    /// send it with the secret as <c>Authorization: Basic</c> (RFC 6749, 2.3.1). Default: none.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of the client. Set it outside the code: environment variable <c>Backend__ClientSecret</c>.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The paths of the backend that scripts can reach through this site (<see cref="BackendProxy"/>). Each entry is the start of
    /// a path, such as <c>/items</c>, and is compared segment by segment. Default: none.</summary>
    public string[] ProxyPrefixes { get; set; } = [];

    /// <summary>The paths of the backend whose files pages can show and offer: <c>&lt;img src="/api/backend/assets/1"&gt;</c>, video, audio
    /// and downloads. The format is that of <see cref="ProxyPrefixes"/>. Only GET and HEAD are forwarded. Default: none.</summary>
    public string[] FilePrefixes { get; set; } = [];

    /// <summary>Time limit of a data call until the headers of the answer arrive, retries included. The time until the whole body has
    /// arrived is not limited. Default 10 s.</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The same limit for a data call that sends a file: a body of more than 1 MB or of unknown length. Default 5 minutes.</summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a data call is repeated if the connection failed, or if the answer is 408, 429 or 5xx. Only calls that change
    /// nothing (GET, HEAD, OPTIONS) are repeated. A call that reached its time limit is not repeated. From 0 to 5. Default 1.</summary>
    public int DataRetries { get; set; } = 1;

    /// <summary>
    /// The longest <c>Retry-After</c> of the backend that a data call waits for before its retry. If it is longer, the call is not
    /// repeated, and the client gets 503 with this <c>Retry-After</c>. It must be less than <see cref="DataTimeout"/>. Default 2 s.
    /// </summary>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether data calls and forwarded calls send the client's address (<c>X-Forwarded-For</c>) and its <c>User-Agent</c>. The backend
    /// must trust <c>X-Forwarded-For</c> from this site only. Behind a proxy, configure forwarded headers. Otherwise, all clients have the
    /// address of the proxy. Default false.
    /// </summary>
    public bool ForwardClientAddress { get; set; }

    /// <summary>A token of the site itself, not of a user, for the interfaces that <see cref="BackendExtensions.AddPublicApi"/> registers.
    /// They send it as a bearer token. Default: none, so they send no token.</summary>
    public string? PublicToken { get; set; }

    public bool IsDemo => string.IsNullOrWhiteSpace(Url);

    /// <summary>Scheme, host and port of the address, in the format of a Content-Security-Policy; null for the demo backend.</summary>
    public string? Origin =>
        (IsDemo ? null : new Uri(Url!)) switch
        {
            null => null,
            { IsDefaultPort: true } url => $"{url.Scheme}://{url.IdnHost}",
            var url => $"{url.Scheme}://{url.IdnHost}:{url.Port}",
        };
}
