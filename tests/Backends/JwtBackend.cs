using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace Backends;

/// <summary>An API as in many tutorials: a JWT with .NET's long claim names, and a refresh that also requires the access token, which may
/// be expired. A refresh token works once; a second use ends the session. Sign-out requires an access token that has not expired.</summary>
internal static class JwtBackend
{
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder)
    {
        builder.Services.AddUserDatabase<JwtDbContext>();
        builder.Services.AddIdentityCore<IdentityUser>().AddEntityFrameworkStores<JwtDbContext>();
        builder.Services.AddSingleton(new JwtIssuer(builder.AccessTokenLifetime()));
        builder.Services.AddScoped<JwtSessions>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        builder
            .Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<JwtIssuer>((options, issuer) => options.TokenValidationParameters = issuer.Validation);

        var app = builder.Build();
        await app.UseTestBackendAsync<JwtDbContext>((services, user) => services.GetRequiredService<JwtSessions>().RevokeAllAsync(user));
        app.MapPost("/api/auth/login", LoginAsync);
        app.MapPost("/api/token/refresh", RefreshAsync);
        app.MapPost("/api/token/revoke", LogoutAsync).RequireAuthorization();
        app.MapGet("/api/users/me", MeAsync).RequireAuthorization();
        return app;
    }

    private static async Task<Results<Ok<TokenResponse>, UnauthorizedHttpResult>> LoginAsync(
        LoginRequest body,
        UserManager<IdentityUser> users,
        JwtSessions sessions
    )
    {
        var user = await users.FindByEmailAsync(body.Email ?? "");
        if (user is null || !await users.CheckPasswordAsync(user, body.Password ?? "") || await users.IsLockedOutAsync(user))
            return TypedResults.Unauthorized();
        return TypedResults.Ok(await sessions.StartAsync(user));
    }

    private static async Task<Results<Ok<TokenResponse>, ContentHttpResult>> RefreshAsync(RefreshRequest body, JwtSessions sessions) =>
        await sessions.RefreshAsync(body.AccessToken, body.RefreshToken) is { } tokens
            ? TypedResults.Ok(tokens)
            : TypedResults.Text("Invalid client request", "text/plain", Encoding.UTF8, StatusCodes.Status400BadRequest);

    private static async Task<NoContent> LogoutAsync(ClaimsPrincipal principal, JwtSessions sessions)
    {
        await sessions.RevokeAsync(principal.FindFirstValue(JwtIssuer.SessionId)!);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<UserResponse>, NotFound>> MeAsync(ClaimsPrincipal principal, UserManager<IdentityUser> users) =>
        await users.GetUserAsync(principal) is { } user
            ? TypedResults.Ok(new UserResponse(user.Id, user.Email, user.UserName, principal.FindAll(ClaimTypes.Role).Select(r => r.Value)))
            : TypedResults.NotFound();

    private sealed record LoginRequest(string? Email, string? Password);

    private sealed record RefreshRequest(string? AccessToken, string? RefreshToken);

    private sealed record UserResponse(string Id, string? Email, string? Name, IEnumerable<string> Roles);
}
