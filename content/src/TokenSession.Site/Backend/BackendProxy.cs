using Microsoft.Extensions.Options;
using TokenSessionSite.Session;
using Yarp.ReverseProxy.Forwarder;

namespace TokenSessionSite.Backend;

/// <summary>
/// Lets scripts reach the backend through this site, so that the browser needs no access token: <c>/api/backend/items/1</c> becomes
/// <c>/items/1</c> of the backend, with the access token of the session. Accepts only requests of this site's own pages, and only paths
/// below <see cref="BackendOptions.ProxyPrefixes"/>.
/// </summary>
public static class BackendProxy
{
    private const string Prefix = "/api/backend";

    private static readonly ForwarderRequestConfig Limits = new() { ActivityTimeout = TimeSpan.FromSeconds(30) };

    internal static void AddBackendProxy(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.AddSingleton(provider => new BackendConnection(new HttpMessageInvoker(BackendHttpHandlers.Create(provider))));
    }

    public static void MapBackendProxy(this IEndpointRouteBuilder routes) =>
        routes.Map(Prefix + "/{**path}", ForwardAsync).AddEndpointFilter<SameOriginFilter>().WithMetadata(new SessionEndpointAttribute());

    private static async Task<IResult> ForwardAsync(
        HttpContext context,
        IHttpForwarder forwarder,
        BackendConnection connection,
        IOptions<BackendOptions> options,
        AccessTokenRefusal isRefused
    )
    {
        var session = context.GetTokenSession();
        if (!session.IsSignedIn)
        {
            return TypedResults.Challenge(authenticationSchemes: [TokenSessionOptions.Scheme]);
        }

        if (context.Request.Headers["Sec-Fetch-Dest"].ToString() is not ("" or "empty"))
        {
            // A browser would treat a page, an image or a script of the backend as content of this site.
            return TypedResults.Problem("Only scripts can use this endpoint, with fetch.", statusCode: 403);
        }

        context.Request.Path.StartsWithSegments(Prefix, out var target);
        if (!IsOpen(target, options.Value.ProxyPrefixes))
        {
            return TypedResults.Problem(
                "Scripts cannot reach this path of the backend. To allow it, add it to Backend:ProxyPrefixes.",
                statusCode: 404
            );
        }

        var address = BackendHttpHandlers.Address(options.Value).AbsoluteUri.TrimEnd('/');
        var transformer = new BackendProxyTransformer(target, session.Ticket!.Tokens.AccessToken, isRefused);
        var error = await forwarder.SendAsync(context, address, connection.Invoker, Limits, transformer);
        return error is ForwarderError.None || context.Response.HasStarted
            ? TypedResults.Empty
            : TypedResults.Problem(statusCode: context.Response.StatusCode);
    }

    /// <summary>Checks the path that will be sent, and refuses a path that changes when it is decoded.</summary>
    private static bool IsOpen(PathString target, string[] prefixes) =>
        ReturnUrl.Local(target.ToUriComponent(), otherwise: "") is not ""
        && prefixes.Any(prefix => target.StartsWithSegments(prefix, StringComparison.Ordinal));

    /// <summary>The connections to the backend that all forwarded requests share.</summary>
    public sealed record BackendConnection(HttpMessageInvoker Invoker);
}
