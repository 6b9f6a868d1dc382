using System.Net;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The adapter of the ASP.NET Core Identity endpoints, against answers that were recorded from 10.0.</summary>
public sealed class IdentityBackendTests
{
    private const string Tokens = """{"tokenType":"Bearer","accessToken":"CfDJ8A","expiresIn":3600,"refreshToken":"CfDJ8R"}""";

    [Fact]
    public async Task Tokens_have_the_names_and_the_lifetime_of_identity()
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, Tokens);
        var tokens = Assert.IsType<AuthResult.Succeeded>(await backend.SignInAsync()).Tokens;
        Assert.Equal(("CfDJ8A", "CfDJ8R", backend.Now.AddHours(1)), (tokens.AccessToken, tokens.RefreshToken, tokens.ExpiresAt));
        Assert.Equal(("a@example.com", "a@example.com"), (tokens.User?.Id, tokens.User?.Name));
    }

    [Fact]
    public async Task The_calls_are_those_of_MapIdentityApi_and_a_sign_out_is_none()
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, Tokens, url: "https://backend.test/v1/");
        await backend.SignInAsync();
        await backend.SignInAsync("123456");
        await backend.SignInAsync(recoveryCode: "ABC-1");
        await backend.RefreshAsync();
        await backend.Adapter.SignOutAsync(backend.Old, CancellationToken.None);

        const string Address = "https://backend.test/v1" + IIdentityAuthApi.Path;
        const string SignIn = """{"email":"a@example.com","password":"secret" """;
        Assert.Equal(
            [
                ($"POST {Address}/login", null, SignIn.TrimEnd() + "}"),
                ($"POST {Address}/login", null, SignIn.TrimEnd() + ""","twoFactorCode":"123456"}"""),
                ($"POST {Address}/login", null, SignIn.TrimEnd() + ""","twoFactorRecoveryCode":"ABC-1"}"""),
                ($"POST {Address}/refresh", null, """{"refreshToken":"old"}"""),
            ],
            backend.Requests
        );
    }

    [Theory]
    [
        InlineData("Failed", null, RejectionReason.InvalidCredentials),
        InlineData("Failed", "123456", RejectionReason.InvalidCredentialsOrOtp),
        InlineData("RequiresTwoFactor", null, RejectionReason.OtpRequired),
        InlineData("LockedOut", null, RejectionReason.LockedOut),
        InlineData("NotAllowed", null, RejectionReason.NotAllowed)
    ]
    public async Task A_refused_sign_in_says_why(string detail, string? otp, RejectionReason refusal)
    {
        var problem = $$"""{"type":"about:blank","title":"Unauthorized","status":401,"detail":"{{detail}}"}""";
        await using var backend = new CannedBackend(HttpStatusCode.Unauthorized, problem, "application/problem+json");
        Assert.Equal(refusal, Assert.IsType<AuthResult.Rejected>(await backend.SignInAsync(otp)).Reason);
    }

    [Theory]
    [InlineData(400), InlineData(401), InlineData(404)]
    public async Task A_sign_in_that_another_server_refuses_is_no_wrong_password(int status)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, "");
        Assert.IsType<AuthResult.Unrecognized>(await backend.SignInAsync());
    }

    [Fact]
    public async Task A_refused_refresh_has_no_body()
    {
        await using var backend = new CannedBackend(HttpStatusCode.Unauthorized, "");
        Assert.Equal(RejectionReason.InvalidRefreshToken, Assert.IsType<AuthResult.Rejected>(await backend.RefreshAsync()).Reason);
    }

    [Theory]
    [InlineData(400, "", true), InlineData(404, "", true), InlineData(401, "<html>", false), InlineData(500, "", false)]
    public async Task Anything_else_does_not_end_the_session_at_once(int status, string body, bool isDefinite)
    {
        await using var backend = new CannedBackend((HttpStatusCode)status, body);
        Assert.IsType(isDefinite ? typeof(AuthResult.Unrecognized) : typeof(AuthResult.Unavailable), await backend.RefreshAsync());
    }

    [Theory]
    [InlineData(401, "/orders", true), InlineData(404, "/manage/info", true), InlineData(404, "/orders", false)]
    public async Task A_user_who_was_deleted_is_refused_as_a_token_is(int status, string path, bool isRefused)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.RequestMessage = new(HttpMethod.Get, "https://backend.test" + (path is "/orders" ? path : IIdentityAuthApi.Path + path));
        Assert.Equal(isRefused, await IdentityBackend.RefusesAccessToken(response, CancellationToken.None));
    }
}
