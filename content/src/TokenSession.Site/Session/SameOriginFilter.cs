namespace TokenSessionSite.Session;

/// <summary>
/// Refuses what other sites' pages send (cross-site request forgery, login CSRF). Browsers say where a request comes from in
/// <c>Sec-Fetch-Site</c> (W3C Fetch Metadata); older ones at least in <c>Origin</c>. A client that sends neither is no browser, and
/// carries no user's cookies.
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

        // The route's pattern: a path may be anything.
        logger.OtherSiteRefused((context.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "");
        return ValueTask.FromResult<object?>(TypedResults.Problem("This request was sent by another site.", statusCode: 403));
    }

    private static bool IsSameOrigin(HttpRequest request)
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

    /// <summary>As <see cref="Uri.Authority"/> writes it. The scheme is left aside: behind a proxy the app may see another one.</summary>
    private static string HostWithoutDefaultPort(HttpRequest request) =>
        request.Host.Port is 80 or 443 ? request.Host.Host : request.Host.Value ?? "";
}
