using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Bench.Reference;

/// <summary>Tokens in the ticket, as blogs show it: each request reads when the access token expires, and would refresh it then.</summary>
internal static class StoredTokens
{
    public static void Write(AuthenticationProperties properties, string accessToken, string refreshToken, DateTimeOffset expiresAt) =>
        properties.StoreTokens([
            new() { Name = "access_token", Value = accessToken },
            new() { Name = "refresh_token", Value = refreshToken },
            new() { Name = "expires_at", Value = expiresAt.ToString("O", CultureInfo.InvariantCulture) },
        ]);

    public static Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var expiresAt = DateTimeOffset.Parse(context.Properties.GetTokenValue("expires_at")!, CultureInfo.InvariantCulture);
        if (expiresAt - DateTimeOffset.UtcNow < TimeSpan.FromMinutes(1))
            context.RejectPrincipal();
        return Task.CompletedTask;
    }
}
