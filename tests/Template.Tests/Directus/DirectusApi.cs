using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>Calls Directus directly, without a site, as one of its users and as its administrator.</summary>
public sealed class DirectusApi(Uri url) : IDisposable
{
    public const string AdminToken = "admin-token-for-tests";

    private readonly HttpClient http = new() { BaseAddress = url };

    public Uri Url => url;

    /// <summary>Returns the tokens, or null if Directus answers 401.</summary>
    public Task<DirectusTokens?> SignInAsync(DirectusUser user) =>
        TokensAsync(
            "/auth/login",
            new
            {
                email = user.Email,
                password = user.Password,
                mode = "json",
            }
        );

    /// <summary>Returns the next tokens, or null if Directus answers 401 because the refresh token is invalid.</summary>
    public Task<DirectusTokens?> RefreshAsync(string refreshToken) =>
        TokensAsync("/auth/refresh", new { refresh_token = refreshToken, mode = "json" });

    public async Task<bool> AcceptsAsync(string accessToken)
    {
        using var response = await SendAsync(HttpMethod.Get, "/users/me?fields=id", accessToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>A new user for one test only, with the role of an ordinary user, or without a role and therefore without permissions.</summary>
    public async Task<DirectusUser> CreateUserAsync(bool hasRole = true)
    {
        var (email, password) = ($"user-{Guid.NewGuid():n}@example.com", "User-pass-1");
        var created = await AdminAsync(
            HttpMethod.Post,
            "/users",
            new
            {
                email,
                password,
                role = hasRole ? await MemberRoleAsync() : null,
            }
        );
        return new DirectusUser(created.GetProperty("id").GetString()!, email, password);
    }

    /// <summary>Suspends the user like an administrator. Directus then ends the user's sessions.</summary>
    public Task SuspendAsync(DirectusUser user) => AdminAsync(HttpMethod.Patch, $"/users/{user.Id}", new { status = "suspended" });

    /// <summary>Sends too many wrong passwords. Directus then suspends the user but, unlike after a suspension by an administrator, keeps
    /// the sessions.</summary>
    public async Task LockOutAsync(DirectusUser user)
    {
        await AdminAsync(HttpMethod.Patch, "/settings", new { auth_login_attempts = 2 });
        try
        {
            for (var attempt = 0; attempt < 4; attempt++)
                await SignInAsync(user with { Password = "not the password" });
        }
        finally
        {
            await AdminAsync(HttpMethod.Patch, "/settings", new { auth_login_attempts = 25 });
        }
        var status = (await AdminAsync(HttpMethod.Get, $"/users/{user.Id}?fields=status")).GetProperty("status").GetString();
        Assert.Equal("suspended", status);
    }

    /// <summary>Turns on two-factor sign-in like the user, and returns the secret for the authenticator app.</summary>
    public async Task<string> EnableTwoFactorAsync(DirectusUser user)
    {
        var tokens = await SignInAsync(user) ?? throw new InvalidOperationException($"{user.Email} cannot sign in.");
        var generated = await DataAsync(HttpMethod.Post, "/users/me/tfa/generate", tokens.AccessToken, new { password = user.Password });
        var secret = generated.GetProperty("secret").GetString()!;
        await DataAsync(HttpMethod.Post, "/users/me/tfa/enable", tokens.AccessToken, new { secret, otp = await Totp.NowAsync(secret) });
        return secret;
    }

    /// <summary>Changes settings of the project, like an administrator in the Data Studio.</summary>
    public Task SetAsync(object settings) => AdminAsync(HttpMethod.Patch, "/settings", settings);

    /// <summary>Users who register get the role of an ordinary user when they have confirmed their address.</summary>
    public async Task AllowRegistrationAsync() =>
        await SetAsync(
            new
            {
                public_registration = true,
                public_registration_verify_email = true,
                public_registration_role = await MemberRoleAsync(),
            }
        );

    /// <summary>Sends an invitation like an administrator.</summary>
    public async Task InviteAsync(string email, string page) =>
        await AdminAsync(
            HttpMethod.Post,
            "/users/invite",
            new
            {
                email,
                role = await MemberRoleAsync(),
                invite_url = page,
            }
        );

    /// <summary>Gives this user one more policy, which requires a second factor.</summary>
    public async Task RequireTwoFactorAsync(DirectusUser user)
    {
        var policy = await AdminAsync(HttpMethod.Post, "/policies", new { name = $"For {user.Email}", enforce_tfa = true });
        await AdminAsync(HttpMethod.Post, "/access", new { user = user.Id, policy = policy.GetProperty("id").GetString() });
    }

    /// <summary>Leaves a mark in Directus' request log.</summary>
    public async Task<string> MarkAsync()
    {
        var mark = $"{Guid.NewGuid():n}";
        using var response = await http.GetAsync($"/server/ping?mark={mark}");
        response.EnsureSuccessStatusCode();
        return mark;
    }

    public void Dispose() => http.Dispose();

    private async Task<DirectusTokens?> TokensAsync(string path, object body)
    {
        using var response = await SendAsync(HttpMethod.Post, path, token: null, body);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            return null;
        var data = await DataAsync(response);
        return new DirectusTokens(data.GetProperty("access_token").GetString()!, data.GetProperty("refresh_token").GetString()!);
    }

    private async Task<string> MemberRoleAsync()
    {
        var member = await AdminAsync(HttpMethod.Get, "/users?filter[email][_eq]=user@example.com&fields=role");
        return member[0].GetProperty("role").GetString()!;
    }

    private Task<JsonElement> AdminAsync(HttpMethod method, string path, object? body = null) => DataAsync(method, path, AdminToken, body);

    private async Task<JsonElement> DataAsync(HttpMethod method, string path, string token, object? body = null)
    {
        using var response = await SendAsync(method, path, token, body);
        return await DataAsync(response);
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage?.RequestUri}: {response.StatusCode} {body}");
        return body.Length == 0 ? default : JsonElement.Parse(body).GetProperty("data");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request);
    }
}
