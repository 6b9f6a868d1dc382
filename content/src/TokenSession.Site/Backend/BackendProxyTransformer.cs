using System.Net;
using System.Net.Http.Headers;
using System.Text;
using TokenSessionSite.Session;
using Yarp.ReverseProxy.Forwarder;

namespace TokenSessionSite.Backend;

/// <summary>Forwards only headers that describe the content, in both directions. A script cannot set the headers that name the user, the
/// client's address or the route. Headers about the backend's origin, such as cookies and CORS, do not apply to this site.</summary>
internal sealed class BackendProxyTransformer(PathString target, bool isFile) : HttpTransformer
{
    private static readonly HashSet<string> RequestHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept",
        "Accept-Charset",
        "Accept-Encoding",
        "Accept-Language",
        "Cache-Control",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Prefer",
        "Range",
        "Transfer-Encoding",
    };

    private static readonly HashSet<string> ResponseHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept-Ranges",
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-Range",
        "Content-Type",
        "Date",
        "ETag",
        "Last-Modified",
        "Preference-Applied",
        "Retry-After",
        "X-Total-Count",
    };

    public override async ValueTask TransformRequestAsync(
        HttpContext context,
        HttpRequestMessage request,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        await base.TransformRequestAsync(context, request, destinationPrefix, cancellationToken);
        request.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, target, context.Request.QueryString);
        foreach (
            var name in request.Headers.NonValidated.Select(header => header.Key).Where(name => !RequestHeaders.Contains(name)).ToList()
        )
        {
            request.Headers.Remove(name);
        }

        request.Headers.Host = null;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext context,
        HttpResponseMessage? response,
        CancellationToken cancellationToken
    )
    {
        if (response is null)
        {
            return await base.TransformResponseAsync(context, response, cancellationToken);
        }

        if (IsRedirect(response))
        {
            // An API redirects only when it is not available, for example to a page about maintenance.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return false;
        }

        if ((int)response.StatusCode >= 400 && context.WantsPage())
        {
            // A person gets the error page. If the access token was refused, a sign-in does not help: the user is signed in.
            var isRefused = response.StatusCode is HttpStatusCode.Unauthorized;
            context.Response.StatusCode = isRefused ? StatusCodes.Status503ServiceUnavailable : (int)response.StatusCode;
            return false;
        }

        var hsts = context.Response.Headers.StrictTransportSecurity;
        var mayGoOn = await base.TransformResponseAsync(context, response, cancellationToken);
        var headers = context.Response.Headers;
        foreach (var name in headers.Keys.Where(name => !ResponseHeaders.Contains(name)).ToList())
        {
            headers.Remove(name);
        }

        // fetch and <img> ignore the next two headers. If a user opens the address, the browser saves the content or shows an image, and
        // runs no script in it.
        headers.ContentDisposition = Disposition(response.Content.Headers);
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        headers.StrictTransportSecurity = hsts;
        if (isFile && (headers.ETag.Count > 0 || headers.LastModified.Count > 0))
        {
            // The browser may store the file, but must ask this site before each use.
            headers.CacheControl = SessionCookieMiddleware.Revalidated;
        }

        return mayGoOn;
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        (int)response.StatusCode is >= 300 and < 400 && response.StatusCode is not HttpStatusCode.NotModified;

    /// <summary>Keeps the name of the file. An SVG image is not shown, because it can contain scripts.</summary>
    private string Disposition(HttpContentHeaders content)
    {
        var isPicture =
            content.ContentType?.MediaType is { } type
            && type.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            && !type.Contains("svg", StringComparison.OrdinalIgnoreCase);
        var disposition = content.ContentDisposition ?? new("attachment");
        disposition.DispositionType = isFile && isPicture ? "inline" : "attachment";
        return Ascii.IsValid(disposition.ToString()) ? disposition.ToString() : disposition.DispositionType;
    }
}
