using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Backends;

/// <summary>
/// The ASP.NET Core Identity API endpoints below /identity: opaque tokens, no rotation, no revocation except a new security stamp,
/// lockout for 5 minutes after 5 wrong passwords or codes. With --require-confirmed-email true, who registers cannot sign in yet.
/// </summary>
internal static class IdentityBackend
{
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder)
    {
        builder.Services.AddUserDatabase<UserDbContext>();
        builder
            .Services.AddIdentityApiEndpoints<IdentityUser>(options =>
                options.SignIn.RequireConfirmedEmail = builder.Configuration.GetValue("require-confirmed-email", false)
            )
            .AddEntityFrameworkStores<UserDbContext>();
        builder.Services.Configure<BearerTokenOptions>(
            IdentityConstants.BearerScheme,
            options => options.BearerTokenExpiration = builder.AccessTokenLifetime()
        );

        var app = builder.Build();
        await app.UseTestBackendAsync<UserDbContext>(twoFactor: true);
        app.MapGroup("/identity").MapIdentityApi<IdentityUser>();
        return app;
    }

    private sealed class UserDbContext(DbContextOptions<UserDbContext> options) : IdentityDbContext<IdentityUser>(options);
}
