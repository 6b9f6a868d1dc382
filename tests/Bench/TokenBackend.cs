using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>A backend in this process that issues tokens in the format of RFC 6749. A refresh token works once.</summary>
internal sealed class TokenBackend : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, bool> refreshTokens = new();
    private int calls,
        refreshes,
        refusals;

    private TokenBackend()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/auth/login", () => Answer());
        app.MapPost("/auth/refresh", RefreshAsync);
        app.MapPost("/auth/logout", () => TypedResults.NoContent());
        app.Use(
            (context, next) =>
            {
                Interlocked.Increment(ref calls);
                if (!IsDown)
                    return next();
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            }
        );
    }

    public Uri Address => new(app.Urls.Single());

    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    public TimeSpan Latency { get; set; }

    /// <summary>If true, the backend answers 503 to each call.</summary>
    public bool IsDown { get; set; }

    public int Calls => calls;

    public int Refreshes => refreshes;

    /// <summary>The number of refresh tokens that were sent a second time.</summary>
    public int Refusals => refusals;

    public static async Task<TokenBackend> StartAsync()
    {
        var backend = new TokenBackend();
        await backend.app.StartAsync();
        return backend;
    }

    /// <summary>A JWT of the usual size without a valid signature, and an opaque refresh token.</summary>
    public static (string AccessToken, string RefreshToken) Issue(TimeSpan lifetime)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = $$"""
            {"sub":"demo@example.com","role":"{{Guid.NewGuid()}}","jti":"{{Guid.NewGuid()}}","iat":{{now.ToUnixTimeSeconds()}},"exp":{{(
                now + lifetime
            ).ToUnixTimeSeconds()}},"iss":"bench"}
            """;
        var jwt =
            $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(claims))}.{Encode(RandomNumberGenerator.GetBytes(32))}";
        return (jwt, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
    }

    /// <summary>Issues tokens as the answer to a sign-in. The refresh token works once.</summary>
    public (string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt) SignIn()
    {
        var (accessToken, refreshToken) = Issue(AccessTokenLifetime);
        refreshTokens[refreshToken] = true;
        return (accessToken, refreshToken, DateTimeOffset.UtcNow + AccessTokenLifetime);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> RefreshAsync(RefreshRequest body)
    {
        Interlocked.Increment(ref refreshes);
        if (!refreshTokens.TryRemove(body.refresh_token, out _))
        {
            Interlocked.Increment(ref refusals);
            return TypedResults.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        await Task.Delay(Latency);
        return Answer();
    }

    private IResult Answer()
    {
        var (accessToken, refreshToken, _) = SignIn();
        return TypedResults.Json(
            new
            {
                access_token = accessToken,
                refresh_token = refreshToken,
                expires_in = AccessTokenLifetime.TotalSeconds,
            }
        );
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private sealed record RefreshRequest(string refresh_token);
}
