using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Backends;

/// <summary>The common part of all backends: users in SQLite, which are new at each start, and controls for tests below /_test.</summary>
internal static class TestBackend
{
    public const string DemoUser = "demo@example.com";
    public const string TwoFactorUser = "two-factor@example.com";
    public const string Password = "Demo-Passw0rd!";

    /// <summary>The Base32 secret of the one-time codes (TOTP, 6 digits, 30 s) of every user with two factors.</summary>
    public const string AuthenticatorKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    /// <summary>The recovery codes of every user with two factors. Each code works once for each user.</summary>
    public static readonly string[] RecoveryCodes = ["RCVRY-00001", "RCVRY-00002", "RCVRY-00003", "RCVRY-00004", "RCVRY-00005"];

    /// <summary>The value of --access-token-lifetime. Default: an hour, as in Identity and in OpenIddict.</summary>
    public static TimeSpan AccessTokenLifetime(this WebApplicationBuilder builder) =>
        builder.Configuration.GetValue("access-token-lifetime", TimeSpan.FromHours(1));

    public static void AddUserDatabase<TContext>(this IServiceCollection services, Action<DbContextOptionsBuilder>? configure = null)
        where TContext : DbContext
    {
        // A database in memory exists while a connection to it is open.
        var connection = new SqliteConnection($"Data Source={Guid.NewGuid()};Mode=Memory;Cache=Shared");
        connection.Open();
        services.AddSingleton(connection);
        services.AddDbContext<TContext>(options =>
        {
            options.UseSqlite(connection.ConnectionString);
            configure?.Invoke(options);
        });

        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        // Tests sign in often and do not test the strength of the hashes.
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = 1000);
        services.AddSingleton<CallLog>();
        services.AddAuthorization();
    }

    /// <summary>Creates the database with its users, and adds the middleware and the test controls.</summary>
    /// <param name="revoke">Ends the sessions of a user whose security stamp was changed.</param>
    public static async Task UseTestBackendAsync<TContext>(
        this WebApplication app,
        Func<IServiceProvider, IdentityUser, Task>? revoke = null,
        bool twoFactor = false
    )
        where TContext : DbContext
    {
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<TContext>().Database.EnsureCreatedAsync();
            await AddUserAsync(scope.ServiceProvider, new(DemoUser, Password));
            if (twoFactor)
                await AddUserAsync(scope.ServiceProvider, new(TwoFactorUser, Password, TwoFactor: true));
        }

        // First, because OpenIddict answers some requests within UseAuthentication.
        app.Use((context, next) => app.Services.GetRequiredService<CallLog>().CountAsync(context, next));
        app.UseAuthentication();
        app.UseAuthorization();

        var controls = app.MapGroup("/_test")
            .AddEndpointFilter(
                async (context, next) =>
                    context.HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
                        ? await next(context)
                        : TypedResults.NotFound()
            );
        controls.MapGet("/calls", (CallLog log) => log.Calls);
        controls.MapPost("/users", async (NewUser user, IServiceProvider services) => await AddUserAsync(services, user));
        MapUserControl("/delete/{email}", (services, user) => Users(services).DeleteAsync(user));
        MapUserControl("/block/{email}", (services, user) => Users(services).SetLockoutEndDateAsync(user, DateTimeOffset.MaxValue));
        MapUserControl(
            "/stamp/{email}",
            async (services, user) =>
            {
                await Users(services).UpdateSecurityStampAsync(user);
                await (revoke?.Invoke(services, user) ?? Task.CompletedTask);
            }
        );

        void MapUserControl(string pattern, Func<IServiceProvider, IdentityUser, Task> change) =>
            controls.MapPost(
                pattern,
                async Task<IResult> (string email, IServiceProvider services) =>
                {
                    if (await Users(services).FindByEmailAsync(email) is not { } user)
                        return TypedResults.NotFound();
                    await change(services, user);
                    return TypedResults.NoContent();
                }
            );
    }

    private static async Task<IResult> AddUserAsync(IServiceProvider services, NewUser newUser)
    {
        var users = Users(services);
        var user = new IdentityUser(newUser.Email) { Email = newUser.Email, EmailConfirmed = true };
        var result = await users.CreateAsync(user, newUser.Password);
        if (!result.Succeeded)
            return TypedResults.BadRequest(result.Errors);
        await users.AddClaimsAsync(user, (newUser.Roles ?? ["admin", "editor"]).Select(role => new Claim(ClaimTypes.Role, role)));
        if (!newUser.TwoFactor)
            return TypedResults.Ok(new { newUser.Email });

        var store = services.GetRequiredService<IUserStore<IdentityUser>>();
        await ((IUserAuthenticatorKeyStore<IdentityUser>)store).SetAuthenticatorKeyAsync(user, AuthenticatorKey, default);
        await ((IUserTwoFactorRecoveryCodeStore<IdentityUser>)store).ReplaceCodesAsync(user, RecoveryCodes, default);
        await users.SetTwoFactorEnabledAsync(user, true);
        return TypedResults.Ok(
            new
            {
                newUser.Email,
                AuthenticatorKey,
                RecoveryCodes,
            }
        );
    }

    private static UserManager<IdentityUser> Users(IServiceProvider services) => services.GetRequiredService<UserManager<IdentityUser>>();

    private sealed record NewUser(string Email, string Password, bool TwoFactor = false, string[]? Roles = null);
}
