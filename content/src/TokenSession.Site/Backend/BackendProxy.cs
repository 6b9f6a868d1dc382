using System.Net;
using Microsoft.Extensions.Options;
using TokenSessionSite.Session;
using Yarp.ReverseProxy.Forwarder;

namespace TokenSessionSite.Backend;

/// <summary>
/// Lets pages reach the backend through this site, so that the browser needs no access token: <c>/api/backend/items/1</c> becomes
/// <c>/items/1</c> of the backend, with the access token of the session. Accepts only requests of this site's own pages: requests of
/// scripts below <see cref="BackendOptions.ProxyPrefixes"/>, and images, media and downloads below
/// <see cref="BackendOptions.FilePrefixes"/>.
/// </summary>
public static class BackendProxy
{
    private const string Prefix = "/api/backend",
        Client = "backend proxy";

    /// <summary>A call ends when neither side sends anything for this long.</summary>
    private static readonly ForwarderRequestConfig Limits = new() { ActivityTimeout = TimeSpan.FromSeconds(30) };

    internal static void AddBackendProxy(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services
            .AddHttpClient(Client)
            .ConfigurePrimaryHttpMessageHandler(provider => BackendHttpHandlers.Create(provider, DecompressionMethods.None))
            .AddHttpMessageHandler<ClientAddressHandler>()
            .AddHttpMessageHandler<AccessTokenHandler>();
    }

    public static IEndpointConventionBuilder MapBackendProxy(this IEndpointRouteBuilder routes) =>
        routes
            .Map(Prefix + "/{**path}", ForwardAsync)
            .AddEndpointFilter<SameOriginFilter>()
            .AddEndpointFilter<SameUserFilter>()
            .WithMetadata(new SessionEndpointAttribute());

    private static async Task<IResult> ForwardAsync(
        HttpContext context,
        IHttpForwarder forwarder,
        IHttpMessageHandlerFactory handlers,
        IOptions<BackendOptions> options
    )
    {
        if (!context.GetTokenSession().IsSignedIn)
        {
            return TypedResults.Challenge(authenticationSchemes: [TokenSessionOptions.Scheme]);
        }

        context.Request.Path.StartsWithSegments(Prefix, out var target);
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var isFile = isRead && IsOpen(target, options.Value.FilePrefixes);
        if (!MayShow(context.Request.Headers["Sec-Fetch-Dest"].ToString(), isFile))
        {
            return TypedResults.Problem(
                "Only scripts can use this path, with fetch. For images, media and downloads, add it to Backend:FilePrefixes.",
                statusCode: 403
            );
        }

        if (!isFile && !IsOpen(target, options.Value.ProxyPrefixes))
        {
            return TypedResults.Problem(
                "Scripts cannot reach this path of the backend. To allow it, add it to Backend:ProxyPrefixes.",
                statusCode: 404
            );
        }

        var address = BackendHttpHandlers.Address(options.Value).AbsoluteUri.TrimEnd('/');
        using var connection = new HttpMessageInvoker(handlers.CreateHandler(Client), disposeHandler: false);
        await forwarder.SendAsync(context, address, connection, Limits, new BackendProxyTransformer(target, isFile));

        // If a failure has no body, the error page is shown.
        return TypedResults.Empty;
    }

    /// <summary>Whether the browser may use the content for this purpose. A frame, a script or a style sheet is refused, because the browser
    /// would treat it as content of this site. A file can be opened as a document: the headers of <see cref="BackendProxyTransformer"/>
    /// make the browser save it, or show it as an image.</summary>
    private static bool MayShow(string destination, bool isFile) =>
        destination is "" or "empty" || (isFile && destination is "image" or "video" or "audio" or "track" or "document");

    /// <summary>Checks the path that will be sent, and refuses a path that changes when it is decoded.</summary>
    private static bool IsOpen(PathString target, string[] prefixes) =>
        ReturnUrl.Local(target.ToUriComponent(), otherwise: "") is not ""
        && prefixes.Any(prefix => target.StartsWithSegments(prefix, StringComparison.Ordinal));
}
