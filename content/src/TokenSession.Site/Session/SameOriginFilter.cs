using Microsoft.Extensions.Primitives;

namespace TokenSessionSite.Session;

/// <summary>
/// Refuses requests from pages of other sites (cross-site request forgery, login CSRF). Browsers name the sender in <c>Sec-Fetch-Site</c>
/// (W3C Fetch Metadata), and older browsers in <c>Origin</c>. A client that sends neither is not a browser, and has no user's cookies.
/// </summary>
public sealed class SameOriginFilter(ILogger<SameOriginFilter> logger) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (IsSameOrigin(request))
        {
            return next(context);
        }

        // The log gets the pattern of the route, because the client controls the path.
        logger.CrossSiteRequestRefused((context.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "");
        return ValueTask.FromResult<object?>(TypedResults.Problem("This request came from a page of another site.", statusCode: 403));
    }

    /// <summary>Whether the client names the sender of the request, as browsers do.</summary>
    internal static bool NamesSender(HttpRequest request) =>
        NamesSenderOfEachRequest(request) || !StringValues.IsNullOrEmpty(request.Headers.Origin);

    /// <summary>Whether the browser supports Fetch Metadata, which it then sends with each request to HTTPS or localhost.</summary>
    internal static bool NamesSenderOfEachRequest(HttpRequest request) => !StringValues.IsNullOrEmpty(request.Headers["Sec-Fetch-Site"]);

    internal static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            return site is "same-origin" or "none";
        }

        var origin = request.Headers.Origin.ToString();
        return origin is ""
            || (
                Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, HostWithoutDefaultPort(request), StringComparison.OrdinalIgnoreCase)
            );
    }

    /// <summary>The host, as in <see cref="Uri.Authority"/>. The scheme is not compared: behind a proxy, the site may see another
    /// scheme.</summary>
    private static string HostWithoutDefaultPort(HttpRequest request) =>
        request.Host.Port is 80 or 443 ? request.Host.Host : request.Host.Value ?? "";
}
