using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>What a request means for the session, read from its endpoint and its headers.</summary>
internal static class SessionRequestExtensions
{
    /// <summary>A long ticket is split into several cookies. If one of them is missing, the others are not joined.</summary>
    private static readonly ChunkingCookieManager WholeCookies = new();

    /// <summary>Whether the response depends on the session. Responses of static assets and health checks do not.</summary>
    public static bool DependsOnSession(this HttpContext context) =>
        context.GetEndpoint() is { Metadata: var metadata } endpoint
        && (
            IsPage(endpoint)
            || metadata.GetMetadata<SessionEndpointAttribute>() is not null
            || metadata.GetMetadata<IAuthorizeData>() is not null
            || metadata.GetMetadata<IAuthorizationRequirementData>() is not null
            || (metadata.GetMetadata<IAllowAnonymous>() is null && HasFallbackPolicy(context))
        );

    /// <summary>Whether the access token must be fresh. A prefetch does not need one, because its response may never be shown.</summary>
    public static bool NeedsFreshToken(this HttpContext context) =>
        context.DependsOnSession()
        && context.GetEndpoint()!.Metadata.GetMetadata<SessionEndpointAttribute>() is not { Refresh: false }
        && !context.IsPrefetch();

    /// <summary>Whether the idle limit counts from this request: a user opens a page. The polling of a script does not count.</summary>
    public static bool IsUserActivity(this HttpContext context) =>
        context.DependsOnSession()
        && !context.IsPrefetch()
        && (
            context.GetEndpoint()!.Metadata.GetMetadata<SessionEndpointAttribute>() is { CountsAsActivity: true }
            || (IsPage(context.GetEndpoint()) && context.NeedsFreshToken() && IsNavigation(context))
        );

    /// <summary>Whether the browser prefetches or prerenders a page.</summary>
    public static bool IsPrefetch(this HttpContext context) =>
        Header(context, "Sec-Purpose").StartsWith("prefetch", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the client wants an HTML page. A script gets problem details instead.</summary>
    public static bool WantsPage(this HttpContext context)
    {
        var accept = context.Request.Headers.Accept.ToString();
        return AcceptsHtml(context)
            || Header(context, "Sec-Fetch-Mode") is "navigate"
            || Header(context, "Sec-Fetch-Dest") is "document"
            || (
                Header(context, "Sec-Fetch-Mode") is ""
                && (accept is "" || accept.Contains("*/*", StringComparison.Ordinal))
                && IsPage(context.OriginalEndpoint())
            );
    }

    /// <summary>Whether the request has any cookie of a session.</summary>
    public static bool HasSessionCookie(this TokenSessionOptions options, HttpRequest request) =>
        request.Cookies.ContainsKey(options.TicketCookie) || options.ReadableCookies.Any(request.Cookies.ContainsKey);

    /// <summary>
    /// Whether the readable cookies have to be written. Without the session indicator, scripts would treat the user as a guest. With the
    /// hash of another user, they would treat the user as that user. An access token that scripts must not read is deleted.
    /// </summary>
    public static bool LacksReadableCookies(this TokenSessionOptions options, HttpRequest request) =>
        !request.Cookies.ContainsKey(options.SessionCookie)
        || request.Cookies[options.UserCookie] != request.HttpContext.GetTokenSession().UserHash
        || (!options.AccessTokenInBrowser && request.Cookies.ContainsKey(options.AccessTokenCookie));

    /// <summary>Identifies a ticket that cannot be decrypted, in place of its session id; null if there is no ticket.</summary>
    public static string? UnreadableTicketKey(this TokenSessionOptions options, HttpRequest request) =>
        WholeCookies.GetRequestCookie(request.HttpContext, options.TicketCookie) is { Length: > 0 } value
            ? "unreadable-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))
            : null;

    /// <summary>In Firefox, a service worker sends a navigation with the mode <c>same-origin</c>.</summary>
    private static bool IsNavigation(HttpContext context) =>
        Header(context, "Sec-Fetch-Mode") is "" or "navigate"
        || (Header(context, "Sec-Fetch-Mode") is "same-origin" && AcceptsHtml(context));

    private static bool AcceptsHtml(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static bool IsPage(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<PageActionDescriptor>() is not null;

    /// <summary>Returns the endpoint that the client requested, even while the error page runs in its place.</summary>
    public static Endpoint? OriginalEndpoint(this HttpContext context) =>
        context.Features.Get<IStatusCodeReExecuteFeature>() is { } failed ? failed.Endpoint
        : context.Features.Get<IExceptionHandlerFeature>() is { } thrown ? thrown.Endpoint
        : context.GetEndpoint();

    private static bool HasFallbackPolicy(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<AuthorizationOptions>>().Value.FallbackPolicy is not null;

    private static string Header(HttpContext context, string name) => context.Request.Headers[name].ToString();
}
