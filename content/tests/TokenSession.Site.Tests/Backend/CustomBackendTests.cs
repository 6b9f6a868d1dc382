using System.Net;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The adapter of the custom API, with answers in the format of RFC 6749. If your API has another wire format, change these tests
/// first.</summary>
public sealed class CustomBackendTests
{
    private const string Login = "/auth/login";
    private const string Refresh = "/auth/refresh";
    private const string Logout = "/auth/logout";
    private const string Tokens = """{"access_token":"a","token_type":"Bearer","expires_in":900,"refresh_token":"r"}""";

    [Theory]
    [InlineData(Tokens), InlineData("{\"data\":" + Tokens + "}")]
    public async Task Tokens_come_bare_or_in_an_envelope(string body)
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, body);
        var issued = Assert.IsType<AuthResult.Succeeded>(await backend.SignInAsync());
        Assert.Equal(
            ("a", "r", backend.Now.AddMinutes(15)),
            (issued.Tokens.AccessToken, issued.Tokens.RefreshToken, issued.Tokens.ExpiresAt)
        );
    }

    [Fact]
    public async Task The_calls_are_those_of_the_wire_format()
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, Tokens, url: "https://backend.test/v1/");
        await backend.SignInAsync("123456");
        await backend.RefreshAsync();
        await backend.Adapter.SignOutAsync(backend.Old, CancellationToken.None);

        Assert.Equal(
            [
                ("POST https://backend.test/v1" + Login, null, """{"email":"a@example.com","password":"secret","otp":"123456"}"""),
                ("POST https://backend.test/v1" + Refresh, null, """{"refresh_token":"old"}"""),
                ("POST https://backend.test/v1" + Logout, null, """{"refresh_token":"old"}"""),
            ],
            backend.Requests
        );
    }

    [Theory]
    [
        InlineData(401, """{"error":"invalid_grant"}""", RejectionReason.InvalidCredentials),
        InlineData(400, """{"error":"invalid_grant"}""", RejectionReason.InvalidCredentials),
        InlineData(400, """{"error_code":"invalid_credentials"}""", RejectionReason.InvalidCredentials),
        InlineData(401, """{"error":{"name":"UnauthorizedError"}}""", RejectionReason.InvalidCredentials),
        InlineData(401, "", RejectionReason.InvalidCredentials)
    ]
    [
        InlineData(401, """{"error":"otp_required"}""", RejectionReason.OtpRequired),
        InlineData(403, """{"error":"mfa_required"}""", RejectionReason.OtpRequired),
        InlineData(403, """{"code":"ACCOUNT_LOCKED"}""", RejectionReason.LockedOut),
        InlineData(400, """{"code":400,"error_code":"email_not_confirmed"}""", RejectionReason.NotAllowed),
        InlineData(400, "Invalid_Credentials", RejectionReason.InvalidCredentials),
        InlineData(429, "", RejectionReason.TooManyAttempts)
    ]
    public async Task A_refused_sign_in_says_why(int status, string body, RejectionReason refusal)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, body);
        Assert.Equal(refusal, Assert.IsType<AuthResult.Rejected>(await backend.SignInAsync()).Reason);
    }

    [Theory]
    [
        InlineData(401, """{"error":"invalid_client"}""", $"POST {Login} answered 401 (application/json) with error \"invalid_client\""),
        InlineData(
            400,
            """{"title":"One or more validation errors occurred.","status":400,"errors":{"Email":["The field is required."]}}""",
            $"POST {Login} answered 400 (application/json) with title \"One or more validation errors occurred.\", status, errors (Email)"
        ),
        InlineData(400, "No such client.", $"POST {Login} answered 400 (application/json) \"No such client.\""),
        InlineData(422, "[]", $"POST {Login} answered 422 (application/json)"),
        InlineData(403, "{}", $"POST {Login} answered 403 (application/json)"),
        InlineData(404, "", $"POST {Login} answered 404 (application/json)"),
        InlineData(
            400,
            """{"refresh_token":"eyJhbGciOi","error":"eyJhbGciOi1"}""",
            $"POST {Login} answered 400 (application/json) with refresh_token, error"
        )
    ]
    public async Task A_wrong_configuration_is_not_a_wrong_password(int status, string body, string answer)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, body);
        Assert.Equal(answer, Assert.IsType<AuthResult.Unrecognized>(await backend.SignInAsync()).Answer);
    }

    [Theory]
    [
        InlineData(400, """{"error":"invalid_grant"}"""),
        InlineData(401, """{"error":"invalid_token"}"""),
        InlineData(403, """{"error":"INVALID_TOKEN"}"""),
        InlineData(400, """{"error_code":"session_not_found"}"""),
        InlineData(400, """{"error_code":"refresh_token_already_used"}"""),
        InlineData(401, """{"detail":"Token is invalid","code":"token_not_valid"}"""),
        InlineData(401, "")
    ]
    public async Task A_refused_refresh_token_is_reported_as_such(int status, string body)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, body);
        Assert.Equal(RejectionReason.InvalidRefreshToken, Assert.IsType<AuthResult.Rejected>(await backend.RefreshAsync()).Reason);
    }

    [Theory]
    [
        InlineData(400, """{"error":"invalid_request"}"""),
        InlineData(401, """{"error":"invalid_client"}"""),
        InlineData(401, """{"error":"unauthorized_client"}"""),
        InlineData(403, ""),
        InlineData(404, ""),
        InlineData(422, "{}")
    ]
    public async Task A_refusal_in_other_words_is_not_recognized(int status, string body)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, body);
        Assert.IsType<AuthResult.Unrecognized>(await backend.RefreshAsync());
    }

    [Theory]
    [InlineData(408, ""), InlineData(429, ""), InlineData(500, ""), InlineData(502, "<html>"), InlineData(503, ""), InlineData(302, "")]
    [InlineData(401, "<html>"), InlineData(403, "<!doctype html>"), InlineData(404, "<html>")]
    [
        InlineData(200, ""),
        InlineData(200, "<html>"),
        InlineData(200, "[]"),
        InlineData(200, "null"),
        InlineData(200, """{"status":"ok"}"""),
        InlineData(204, "")
    ]
    public async Task Anything_else_says_nothing_about_the_session(int status, string body)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, body);
        Assert.IsType<AuthResult.Unavailable>(await backend.RefreshAsync());
    }

    [Fact]
    public async Task A_refresh_that_brings_no_refresh_token_keeps_the_old_one()
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, """{"access_token":"a","expires_in":900}""");
        Assert.Equal("old", Assert.IsType<AuthResult.Succeeded>(await backend.RefreshAsync()).Tokens.RefreshToken);
    }

    [Theory]
    [InlineData(401, "/orders", true), InlineData(403, "/orders", false), InlineData(404, IBackendApi.MePath, false)]
    public async Task A_data_call_is_refused_because_of_its_access_token_with_401(int status, string path, bool isRefused)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.RequestMessage = new(HttpMethod.Get, "https://backend.test/v1" + path);
        Assert.Equal(isRefused, await CustomBackend.RefusesAccessToken(response, CancellationToken.None));
    }
}
