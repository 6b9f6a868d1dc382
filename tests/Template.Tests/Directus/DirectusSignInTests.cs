using System.Net;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusSignInTests(DirectusSite site)
{
    [Fact]
    public async Task A_user_of_Directus_signs_in_and_the_app_page_shows_the_e_mail()
    {
        var (user, client) = await site.SignedInAsync();

        var app = await client.GetAsync("/app");

        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Contains(user.Email, app.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_in_starts_one_session_at_Directus_and_sets_its_cookies()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var client = new SiteClient(site.BaseAddress, DirectusSite.CookiePrefix);

        var answer = await client.SubmitAsync("/login", ("Email", user.Email), ("Password", user.Password));

        Assert.Equal(
            new[] { "refresh_token", "session", "token", "user" }.Select(name => $"{DirectusSite.CookiePrefix}_{name}"),
            client.SessionCookies
        );
        var ticket = Assert.Single(
            answer.SetCookies,
            cookie => cookie.StartsWith($"{DirectusSite.CookiePrefix}_refresh_token=", StringComparison.Ordinal)
        );
        Assert.Contains("httponly", ticket, StringComparison.OrdinalIgnoreCase);
        Assert.True(await site.Directus.Api.AcceptsAsync(client.AccessToken!));
        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
    }

    [Fact]
    public async Task The_refresh_token_of_Directus_is_in_no_answer_of_the_site()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var client = new SiteClient(site.BaseAddress, DirectusSite.CookiePrefix);

        var signIn = await client.SubmitAsync("/login", ("Email", user.Email), ("Password", user.Password));
        var app = await client.GetAsync("/app");

        var refreshToken = Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
        Assert.DoesNotContain(refreshToken, $"{signIn}{app}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_keeps_the_e_mail()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var client = new SiteClient(site.BaseAddress, DirectusSite.CookiePrefix);

        var answer = await client.SubmitAsync("/login", ("Email", user.Email), ("Password", "not the password"));

        Assert.False(answer.IsRedirect);
        Assert.Contains($"value=\"{user.Email}\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", answer.Body, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
        Assert.Empty(await site.Directus.RefreshTokensOfAsync(user));
    }

    [Fact]
    public async Task The_login_endpoint_says_how_long_the_access_token_of_Directus_lives()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var client = new SiteClient(site.BaseAddress, DirectusSite.CookiePrefix);

        var answer = await client.FetchAsync("/api/auth/login", new { email = user.Email, password = user.Password });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var body = JsonElement.Parse(answer.Body);
        Assert.InRange(body.GetProperty("expiresIn").GetDouble(), 1, DirectusServer.AccessTokenLife.TotalSeconds);
        Assert.InRange(body.GetProperty("refreshIn").GetDouble(), 0, body.GetProperty("expiresIn").GetDouble());
    }

    [Fact]
    public async Task A_user_with_two_factors_is_asked_for_the_second_and_gets_in_with_it()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var secret = await site.Directus.Api.EnableTwoFactorAsync(user);
        var client = new SiteClient(site.BaseAddress, DirectusSite.CookiePrefix);

        var without = await client.FetchAsync("/api/auth/login", new { email = user.Email, password = user.Password });
        var wrong = await client.FetchAsync(
            "/api/auth/login",
            new
            {
                email = user.Email,
                password = user.Password,
                otp = "000000",
            }
        );
        Assert.Empty(client.SessionCookies);
        var right = await client.FetchAsync(
            "/api/auth/login",
            new
            {
                email = user.Email,
                password = user.Password,
                otp = await Totp.NowAsync(secret),
            }
        );

        Assert.Equal(HttpStatusCode.Unauthorized, without.Status);
        Assert.Contains("otp_required", without.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        Assert.Equal(HttpStatusCode.OK, right.Status);
        Assert.Contains(user.Email, (await client.GetAsync("/app")).Body, StringComparison.Ordinal);
    }
}
