using Microsoft.Extensions.Options;
using NetEscapades.AspNetCore.SecurityHeaders.Headers;
using NetEscapades.AspNetCore.SecurityHeaders.Infrastructure;
using TokenSessionSite.Backend;
using TokenSessionSite.Pages;
using TokenSessionSite.Session;

namespace TokenSessionSite;

/// <summary>Sends the headers that tell browsers what the pages of this site may do, also on error pages. Scripts and styles are files of
/// this site. If a page needs more (a font, an image of another host, an embedded frame), allow it here.</summary>
internal static class SecurityHeaders
{
    public static IApplicationBuilder UseSiteSecurityHeaders(this WebApplication app)
    {
        var backend = app.Services.GetRequiredService<IOptions<BackendOptions>>().Value;
        var isTokenReadable = app.Services.GetRequiredService<IOptions<TokenSessionOptions>>().Value.AccessTokenInBrowser;
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

                // Scripts can call the API directly only with a readable access token.
                var connect = content.AddConnectSrc().Self();
                if (isTokenReadable && backend.Origin is { } origin)
                {
                    connect.From(origin);
                }

                if (app.Environment.IsDevelopment())
                {
                    // The developer exception page, and the script that `dotnet watch` adds to each page.
                    content.AddStyleSrc().Self().UnsafeInline();
                    content.AddScriptSrc().Self().UnsafeInline();
                    connect.From("ws:").From("wss:").From("http://localhost:*");
                }
                else
                {
                    content.AddScriptSrc().Self();
                }
            });

        if (!app.Environment.IsDevelopment())
        {
            headers["Content-Security-Policy"] = new ImportMapHeader(headers["Content-Security-Policy"]);
        }

        foreach (var name in new[] { "Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy" })
        {
            headers[name] = new DocumentHeader(headers[name]);
        }

        return app.UseSecurityHeaders(headers);
    }

    /// <summary>A header for documents. JSON responses do not get it, because proxies limit the size of all headers together. If a response
    /// already has this header, its value is kept.</summary>
    private sealed class DocumentHeader(IHeaderPolicy policy) : IHeaderPolicy
    {
        public string Header => policy.Header;

        public void Apply(HttpContext context, CustomHeadersResult result)
        {
            var isJson = context.Response.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) is true;
            if (!isJson && !context.Response.Headers.ContainsKey(Header))
            {
                policy.Apply(context, result);
            }
        }
    }

    /// <summary>Allows the import map of the page by its hash. A nonce would require a new policy for each response, which takes an eighth
    /// of the time of a small page.</summary>
    private sealed class ImportMapHeader(IHeaderPolicy policy) : IHeaderPolicy
    {
        public string Header => policy.Header;

        public void Apply(HttpContext context, CustomHeadersResult result)
        {
            policy.Apply(context, result);
            if (context.Features.Get<ScriptModules>() is { ContentSecuritySource: var source })
            {
                result.SetHeaders[Header] = result.SetHeaders[Header].Replace("script-src ", $"script-src {source} ");
            }
        }
    }
}
