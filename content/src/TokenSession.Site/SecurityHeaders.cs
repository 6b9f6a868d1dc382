using Microsoft.Extensions.Options;
using TokenSessionSite.Backend;
using TokenSessionSite.Session;

namespace TokenSessionSite;

/// <summary>The headers that tell browsers what this site's pages may do, on every answer, errors included. Scripts and styles are files of
/// this site; a page that needs more (a font, an image of another host, an embedded frame) gets it here.</summary>
internal static class SecurityHeaders
{
    private const int OneYear = 365 * 24 * 60 * 60;

    public static IApplicationBuilder UseSiteSecurityHeaders(this WebApplication app)
    {
        var headers = new HeaderPolicyCollection()
            .AddFrameOptionsDeny()
            .AddContentTypeOptionsNoSniff()
            .AddReferrerPolicyStrictOriginWhenCrossOrigin()
            .AddPermissionsPolicy(features =>
            {
                features.AddCamera().None();
                features.AddMicrophone().None();
                features.AddGeolocation().None();
                features.AddPayment().None();
                features.AddUsb().None();
            })
            .AddCrossOriginOpenerPolicy(opener => opener.SameOrigin())
            .AddCrossOriginResourcePolicy(resource => resource.SameOrigin())
            .AddContentSecurityPolicy(content =>
            {
                content.AddDefaultSrc().Self();
                content.AddObjectSrc().None();
                content.AddBaseUri().None();
                content.AddFormAction().Self();
                content.AddFrameAncestors().None();

                var connect = content.AddConnectSrc().Self();
                if (BackendOrigin(app.Services) is { } origin)
                {
                    connect.From(origin);
                }

                if (app.Environment.IsDevelopment())
                {
                    // The page of unhandled exceptions, and what `dotnet watch` puts into every page.
                    content.AddStyleSrc().Self().UnsafeInline();
                    content.AddScriptSrc().Self().UnsafeInline();
                    connect.From("ws:").From("wss:").From("http://localhost:*");
                }
            });

        if (app.Services.GetRequiredService<IOptions<TokenSessionOptions>>().Value.SecureCookies)
        {
            // Also where the site sees plain HTTP from its proxy; browsers ignore it on what really was plain HTTP (RFC 6797, 8.1).
            headers.AddCustomHeader("Strict-Transport-Security", $"max-age={OneYear}");
        }

        return app.UseSecurityHeaders(headers);
    }

    /// <summary>Calling the API directly is what a readable access token is for; without one, scripts have no business there.</summary>
    private static string? BackendOrigin(IServiceProvider services)
    {
        var backend = services.GetRequiredService<IOptions<BackendOptions>>().Value;
        var isReadable = services.GetRequiredService<IOptions<TokenSessionOptions>>().Value.AccessTokenInBrowser;
        if (!isReadable || backend.IsDemo)
        {
            return null;
        }

        var url = new Uri(backend.Url!);
        return url.IsDefaultPort ? $"{url.Scheme}://{url.IdnHost}" : $"{url.Scheme}://{url.IdnHost}:{url.Port}";
    }
}
