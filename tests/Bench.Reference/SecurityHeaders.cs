namespace Bench.Reference;

/// <summary>The headers of a generated site.</summary>
internal static class SecurityHeaders
{
    public static void UseSiteSecurityHeaders(this WebApplication app) =>
        app.UseSecurityHeaders(
            new HeaderPolicyCollection()
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
                    content.AddConnectSrc().Self();
                    content.AddScriptSrc().Self();
                })
                .AddCustomHeader("Strict-Transport-Security", "max-age=31536000")
        );
}
