using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Backends;

/// <summary>
/// The ASP.NET Core Identity API endpoints below /identity: opaque tokens, no rotation, no revocation except a new security stamp, lockout
/// for 5 minutes after 5 wrong passwords or codes. With --require-confirmed-email true or --require-confirmed-account true, a new user has
/// to confirm the address before the first sign-in. Its mails are below /_test/mails. Their links lead to the site whose address was posted
/// to /_test/site.
/// </summary>
internal static class IdentityBackend
{
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder)
    {
        builder.Services.AddUserDatabase<UserDbContext>();
        builder
            .Services.AddIdentityApiEndpoints<IdentityUser>(options =>
            {
                options.User.RequireUniqueEmail = true;
                options.SignIn.RequireConfirmedEmail = builder.Configuration.GetValue("require-confirmed-email", false);
                options.SignIn.RequireConfirmedAccount = builder.Configuration.GetValue("require-confirmed-account", false);
            })
            .AddEntityFrameworkStores<UserDbContext>();
        builder.Configuration["Site:Url"] ??= "https://www.example.com";
        builder.Services.AddSingleton<MailLog>();
        builder.Services.AddTransient<IMailService>(services => services.GetRequiredService<MailLog>());
        builder.Services.AddTransient<IEmailSender<IdentityUser>, AccountMailSender>();
        builder.Services.Configure<BearerTokenOptions>(
            IdentityConstants.BearerScheme,
            options => options.BearerTokenExpiration = builder.AccessTokenLifetime()
        );

        var app = builder.Build();
        await app.UseTestBackendAsync<UserDbContext>(twoFactor: true);
        app.MapGroup("/identity").MapIdentityApi<IdentityUser>();
        app.MapGet("/_test/mails", (MailLog mails) => mails.Mails);
        app.MapPost("/_test/site", (Site site) => app.Configuration["Site:Url"] = site.Url);
        return app;
    }

    private sealed record Site(string Url);

    private sealed class UserDbContext(DbContextOptions<UserDbContext> options) : IdentityDbContext<IdentityUser>(options);
}
