using System.Net;
using System.Text;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The adapter of Directus against answers that were captured from 11.17 and 12.4.</summary>
public sealed class DirectusBackendTests
{
    private const string Tokens = """{"data":{"expires":900000,"refresh_token":"r","access_token":"a"}}""";

    [Fact]
    public async Task Tokens_come_in_an_envelope_and_their_lifetime_in_milliseconds()
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, Tokens);
        var issued = Assert.IsType<AuthResult.Succeeded>(await backend.SignInAsync());
        Assert.Equal(
            ("a", "r", backend.Now.AddMinutes(15)),
            (issued.Tokens.AccessToken, issued.Tokens.RefreshToken, issued.Tokens.ExpiresAt)
        );
    }

    [Fact]
    public async Task The_calls_ask_for_json_mode_and_have_no_access_token()
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, Tokens);
        await backend.SignInAsync("123456");
        await backend.RefreshAsync();
        await backend.Adapter.SignOutAsync(backend.Old, CancellationToken.None);

        Assert.Equal(
            [
                (
                    "POST https://backend.test/auth/login",
                    null,
                    """{"email":"a@example.com","password":"secret","otp":"123456","mode":"json"}"""
                ),
                ("POST https://backend.test/auth/refresh", null, """{"refresh_token":"old","mode":"json"}"""),
                ("POST https://backend.test/auth/logout", null, """{"refresh_token":"old","mode":"json"}"""),
            ],
            backend.Requests
        );
    }

    [Theory]
    [
        InlineData(401, "INVALID_CREDENTIALS", RejectionReason.InvalidCredentials),
        InlineData(400, "INVALID_PAYLOAD", RejectionReason.InvalidCredentials)
    ]
    [InlineData(401, "INVALID_OTP", RejectionReason.OtpRequired), InlineData(429, "REQUESTS_EXCEEDED", RejectionReason.TooManyAttempts)]
    public async Task A_refused_sign_in_says_why(int status, string code, RejectionReason refusal)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, Error(code));
        Assert.Equal(refusal, Assert.IsType<AuthResult.Rejected>(await backend.SignInAsync()).Reason);
    }

    [Theory]
    [InlineData(401, "INVALID_CREDENTIALS"), InlineData(401, "USER_SUSPENDED"), InlineData(403, "INVALID_TOKEN")]
    public async Task A_refused_refresh_token_is_reported_as_such(int status, string code)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, Error(code));
        Assert.Equal(RejectionReason.InvalidRefreshToken, Assert.IsType<AuthResult.Rejected>(await backend.RefreshAsync()).Reason);
    }

    [Theory]
    [InlineData(401, "TOKEN_EXPIRED"), InlineData(400, "INVALID_PAYLOAD"), InlineData(403, "FORBIDDEN"), InlineData(404, "ROUTE_NOT_FOUND")]
    public async Task A_refusal_in_other_words_is_not_recognized(int status, string code)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, Error(code));
        Assert.Contains(
            $"answered {status} (application/json) with errors",
            Assert.IsType<AuthResult.Unrecognized>(await backend.RefreshAsync()).Answer,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [
        InlineData(429, "REQUESTS_EXCEEDED"),
        InlineData(500, "INTERNAL_SERVER_ERROR"),
        InlineData(503, "SERVICE_UNAVAILABLE"),
        InlineData(200, "ODD")
    ]
    public async Task Anything_else_says_nothing_about_the_session(int status, string code)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, Error(code));
        Assert.IsType<AuthResult.Unavailable>(await backend.RefreshAsync());
    }

    [Theory]
    [InlineData(401, "TOKEN_EXPIRED", true), InlineData(401, "INVALID_CREDENTIALS", true), InlineData(403, "INVALID_TOKEN", true)]
    [InlineData(403, "FORBIDDEN", false), InlineData(500, "INVALID_TOKEN", false), InlineData(200, "INVALID_TOKEN", false)]
    public async Task A_refused_access_token_is_distinguished_from_a_missing_permission(int status, string code, bool refused)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(Error(code), Encoding.UTF8, "application/json"),
        };
        Assert.Equal(refused, await DirectusBackend.RefusesAccessToken(response, CancellationToken.None));
        Assert.Equal(Error(code), await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("<html>"), InlineData("")]
    public async Task A_403_that_is_not_of_directus_says_nothing_about_the_token(string body)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Forbidden)
        {
            Content = new StringContent(body, Encoding.UTF8, "text/html"),
        };
        Assert.False(await DirectusBackend.RefusesAccessToken(response, CancellationToken.None));
    }

    private static string Error(string code) => $$$"""{"errors":[{"message":"m","extensions":{"code":"{{{code}}}"}}]}""";
}
