using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Backends;

/// <summary>
/// An OpenIddict server with the password, refresh token and authorization code (PKCE) flows for the confidential client "site". Access
/// tokens are encrypted JWTs. A refresh token works once, and again within the leeway (--reuse-leeway; OpenIddict's default is 30 s); a
/// later second use revokes all tokens of its session. --redirect-uri is the address of the site for the authorization code flow.
/// </summary>
internal static class OpenIddictBackend
{
    public const string ClientId = "site";
    public const string ClientSecret = "site-secret";

    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder)
    {
        builder.Services.AddUserDatabase<OpenIddictDbContext>(options => options.UseOpenIddict());
        builder.Services.AddIdentityCore<IdentityUser>().AddEntityFrameworkStores<OpenIddictDbContext>();
        // The session of the server itself: /connect/authorize asks for the password once, and again after /connect/endsession.
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        builder
            .Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<OpenIddictDbContext>())
            .AddServer(server =>
            {
                server.AllowPasswordFlow().AllowRefreshTokenFlow().AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
                server.SetTokenEndpointUris("connect/token").SetRevocationEndpointUris("connect/revocation");
                server.SetAuthorizationEndpointUris("connect/authorize").SetEndSessionEndpointUris("connect/endsession");
                server.SetUserInfoEndpointUris("connect/userinfo");
                server.RegisterScopes(Scopes.Email, Scopes.Profile, Scopes.Roles, Scopes.OfflineAccess);
                server.SetAccessTokenLifetime(builder.AccessTokenLifetime());
                if (builder.Configuration.GetValue<TimeSpan?>("reuse-leeway") is { } leeway)
                    server.SetRefreshTokenReuseLeeway(leeway);
                // AddEphemeralEncryptionKey and AddEphemeralSigningKey create longer keys, which takes seconds.
                server.AddEncryptionKey(new RsaSecurityKey(RSA.Create(2048))).AddSigningKey(new RsaSecurityKey(RSA.Create(2048)));
                server
                    .UseAspNetCore()
                    .EnableTokenEndpointPassthrough()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .EnableUserInfoEndpointPassthrough()
                    .DisableTransportSecurityRequirement();
            });

        var app = builder.Build();
        await app.UseTestBackendAsync<OpenIddictDbContext>(
            async (services, user) => await services.GetRequiredService<IOpenIddictTokenManager>().RevokeBySubjectAsync(user.Id)
        );
        await AddClientAsync(app, new Uri(builder.Configuration["redirect-uri"] ?? "https://localhost:5001/signin-oidc"));
        app.MapOpenIddictEndpoints();
        return app;
    }

    private static async Task AddClientAsync(WebApplication app, Uri redirectUri)
    {
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = ClientId,
            ClientSecret = ClientSecret,
            RedirectUris = { redirectUri },
            PostLogoutRedirectUris = { new Uri(redirectUri, "/"), new Uri(redirectUri, "/signout-callback-oidc") },
        };
        client.Permissions.UnionWith([
            Permissions.Endpoints.Token,
            Permissions.Endpoints.Authorization,
            Permissions.Endpoints.Revocation,
            Permissions.Endpoints.EndSession,
            Permissions.GrantTypes.Password,
            Permissions.GrantTypes.RefreshToken,
            Permissions.GrantTypes.AuthorizationCode,
            Permissions.ResponseTypes.Code,
            Permissions.Scopes.Email,
            Permissions.Scopes.Profile,
            Permissions.Scopes.Roles,
        ]);
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(client);
    }

    private sealed class OpenIddictDbContext(DbContextOptions<OpenIddictDbContext> options) : IdentityDbContext<IdentityUser>(options);
}
