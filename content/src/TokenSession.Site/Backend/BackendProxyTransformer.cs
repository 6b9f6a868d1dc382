using System.Net.Http.Headers;
using TokenSessionSite.Session;
using Yarp.ReverseProxy.Forwarder;

namespace TokenSessionSite.Backend;

/// <summary>Forwards only headers that describe the content, in both directions. A script cannot set the headers that name the user, the
/// client's address or the route. Headers about the backend's origin, such as cookies and CORS, do not apply to this site.</summary>
internal sealed class BackendProxyTransformer(PathString target, string accessToken, AccessTokenRefusal isRefused) : HttpTransformer
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
        "User-Agent",
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
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext context,
        HttpResponseMessage? response,
        CancellationToken cancellationToken
    )
    {
        if (response is not null)
        {
            // The request body was already sent, so this call is not retried. The next call of the script has the new token.
            await isRefused.RenewIfRefusedAsync(context, response, accessToken, cancellationToken);
        }

        var hsts = context.Response.Headers.StrictTransportSecurity;
        var mayGoOn = await base.TransformResponseAsync(context, response, cancellationToken);
        foreach (var name in context.Response.Headers.Keys.Where(name => !ResponseHeaders.Contains(name)).ToList())
        {
            context.Response.Headers.Remove(name);
        }

        // fetch ignores this header. A browser that opens the address does not show the content as a page of this site.
        context.Response.Headers.ContentDisposition = "attachment";
        context.Response.Headers.StrictTransportSecurity = hsts;
        return mayGoOn;
    }
}
