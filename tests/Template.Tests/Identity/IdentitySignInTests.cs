using System.Net;
using System.Text.Json;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

[Collection(typeof(IdentityCollection))]
public sealed class IdentitySignInTests(IdentitySite site)
{
    private const string WrongPassword = "The e-mail address or the password is wrong.";

    /// <summary>The number of failures that Identity allows by default. The last one locks the account.</summary>
    private const int AttemptsBeforeLockOut = 5;

    [Fact]
    public async Task A_user_of_Identity_signs_in_and_the_account_page_shows_the_e_mail()
    {
        var (email, client) = await site.SignedInAsync();

        await site.AssertSignedInAsync(client, email);
    }

    [Fact]
    public async Task The_login_endpoint_says_how_long_the_access_token_lives()
    {
        var client = site.NewBrowser();

        var answer = await client.FetchAsync(
            "/api/auth/login",
            new { email = await site.CreateUserAsync(), password = IdentitySite.Password }
        );

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.InRange(JsonElement.Parse(answer.Body).GetProperty("expiresIn").GetDouble(), 1, 5);
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_keeps_the_e_mail()
    {
        var email = await site.CreateUserAsync();
        var client = site.NewBrowser();

        var answer = await client.SubmitAsync("/login", ("Email", email), ("Password", "not the password"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains(WrongPassword, answer.Body, StringComparison.Ordinal);
        Assert.Contains($"value=\"{email}\"", answer.Body, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
    }

    [Fact]
    public async Task An_unknown_user_gets_the_same_answer_as_with_a_wrong_password()
    {
        var client = site.NewBrowser();

        var answer = await client.SubmitAsync("/login", ("Email", "nobody@example.com"), ("Password", IdentitySite.Password));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains(WrongPassword, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_account_is_distinguished_from_a_wrong_password_also_with_the_right_one()
    {
        var email = await site.CreateUserAsync();
        var client = site.NewBrowser();
        for (var attempt = 1; attempt < AttemptsBeforeLockOut; attempt++)
        {
            var wrong = await client.SubmitAsync("/login", ("Email", email), ("Password", "not the password"));
            Assert.Contains(WrongPassword, wrong.Body, StringComparison.Ordinal);
        }

        AssertLockedOut(await client.SubmitAsync("/login", ("Email", email), ("Password", "not the password")));
        AssertLockedOut(await client.SubmitAsync("/login", ("Email", email), ("Password", IdentitySite.Password)));
        Assert.Empty(client.SessionCookies);
    }

    [Fact]
    public async Task With_a_limit_of_four_failures_the_fifth_at_once_does_not_reach_the_backend_and_the_account_stays_unlocked()
    {
        await using var node = await site.StartNodeAsync(site.Backend, ("TokenSession__FailedSignInsPerClient", "4"));
        var email = await site.CreateUserAsync();
        var client = site.NewBrowser(node);
        for (var attempt = 1; attempt < AttemptsBeforeLockOut; attempt++)
            await client.SubmitAsync("/login", ("Email", email), ("Password", "not the password"));

        var refused = await client.SubmitAsync("/login", ("Email", email), ("Password", "not the password"));

        Assert.Contains("There were too many attempts. Try again in 15 seconds.", refused.Body, StringComparison.Ordinal);
        await site.Api.SignInAsync(email, IdentitySite.Password);
    }

    [Fact]
    public async Task A_script_learns_of_a_locked_account_too()
    {
        var email = await site.CreateUserAsync();
        await site.Backend.ControlAsync($"block/{email}");

        var answer = await site.NewBrowser().FetchAsync("/api/auth/login", new { email, password = IdentitySite.Password });

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.Equal("locked_out", JsonElement.Parse(answer.Body).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_user_whose_e_mail_is_not_confirmed_sees_that_the_account_may_not_sign_in_yet()
    {
        await using var backend = await BackendProcess.StartAsync("identity", "--require-confirmed-email", "true");
        await using var node = await site.StartNodeAsync(backend);
        const string Email = "new@example.com";
        using (var api = new IdentityApi(backend.Url))
            await api.RegisterAsync(Email, IdentitySite.Password);
        var client = site.NewBrowser(node);

        var answer = await client.SubmitAsync("/login", ("Email", Email), ("Password", IdentitySite.Password));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains(
            "Your account may not sign in. If it is new, confirm your e-mail address first.",
            answer.Body,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(WrongPassword, answer.Body, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
    }

    private static void AssertLockedOut(SiteAnswer answer)
    {
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.Contains(
            "Your account is locked, because too many attempts failed. Try again later.",
            answer.Body,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("password is wrong", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("in a second", answer.Body, StringComparison.Ordinal);
        Assert.Null(answer.RetryAfter);
    }
}
