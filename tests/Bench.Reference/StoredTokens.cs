using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Bench.Reference;

/// <summary>Tokens in the ticket, as in many blogs: each request reads when the access token expires, and refreshes an expired one. Every
/// failure signs the user out.</summary>
internal static class StoredTokens
{
    private static readonly HttpClient Http = new();

    public static void Write(AuthenticationProperties properties, string accessToken, string refreshToken, DateTimeOffset expiresAt) =>
        properties.StoreTokens([
            new() { Name = "access_token", Value = accessToken },
            new() { Name = "refresh_token", Value = refreshToken },
            new() { Name = "expires_at", Value = expiresAt.ToString("O", CultureInfo.InvariantCulture) },
        ]);

    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var expiresAt = DateTimeOffset.Parse(context.Properties.GetTokenValue("expires_at")!, CultureInfo.InvariantCulture);
        if (expiresAt - DateTimeOffset.UtcNow > TimeSpan.FromMinutes(1))
            return;

        try
        {
            var backend = context.HttpContext.RequestServices.GetRequiredService<IConfiguration>()["Backend"];
            using var answer = await Http.PostAsJsonAsync(
                $"{backend}auth/refresh",
                new { refresh_token = context.Properties.GetTokenValue("refresh_token") }
            );
            var tokens = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Tokens>();
            Write(context.Properties, tokens!.access_token, tokens.refresh_token, DateTimeOffset.UtcNow.AddSeconds(tokens.expires_in));
            context.ShouldRenew = true;
        }
        catch (HttpRequestException)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync();
        }
    }

    private sealed record Tokens(string access_token, string refresh_token, double expires_in);
}
