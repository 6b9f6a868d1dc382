using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Template.Tests.Identity;

/// <summary>The Identity endpoints called directly, without a site in between.</summary>
public sealed class IdentityApi(Uri url) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = url };

    public async Task RegisterAsync(string email, string password)
    {
        using var response = await http.PostAsJsonAsync("/identity/register", new { email, password });
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The refresh token of a new sign-in.</summary>
    public async Task<string> SignInAsync(string email, string password)
    {
        using var response = await http.PostAsJsonAsync("/identity/login", new { email, password });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("refreshToken").GetString()!;
    }

    /// <summary>Whether the e-mail address of this account is confirmed.</summary>
    public async Task<bool> IsConfirmedAsync(string email, string password)
    {
        using var login = await http.PostAsJsonAsync("/identity/login", new { email, password });
        var token = (await login.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/identity/manage/info");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("isEmailConfirmed").GetBoolean();
    }

    public async Task<HttpStatusCode> RefreshAsync(string refreshToken)
    {
        using var response = await http.PostAsJsonAsync("/identity/refresh", new { refreshToken });
        return response.StatusCode;
    }

    public async Task<bool> AcceptsAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/identity/manage/info");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await http.SendAsync(request);
        return response.IsSuccessStatusCode;
    }

    public void Dispose() => http.Dispose();
}
