using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Tests.Infrastructure;

namespace Tests.Backend.Account;

/// <summary>The adapter of the ASP.NET Core Identity endpoints for an account, against answers that were recorded from 10.0.</summary>
public sealed class IdentityAccountBackendTests
{
    private const string Path = IIdentityAuthApi.Path,
        Login = $"POST {Path}/login",
        ForgotPassword = $"POST {Path}/forgotPassword",
        ResetPassword = $"POST {Path}/resetPassword",
        Register = $"POST {Path}/register",
        Resend = $"POST {Path}/resendConfirmationEmail",
        ConfirmEmail = $"GET {Path}/confirmEmail",
        Info = $"GET {Path}/manage/info",
        Update = $"POST {Path}/manage/info",
        TwoFactor = $"POST {Path}/manage/2fa",
        Email = "a@example.com",
        Account = """{"email":"a@example.com","isEmailConfirmed":true}""",
        RequiresTwoFactor = """{"title":"Unauthorized","status":401,"detail":"RequiresTwoFactor"}""",
        Failed = """{"title":"Unauthorized","status":401,"detail":"Failed"}""";

    private static readonly AccountProof Proof = new("old secret"),
        ProofWithCode = new("old secret", "123456");

    private static readonly Uri Page = new("https://www.example.com/confirm-email");

    [Fact]
    public async Task If_the_account_cannot_be_read_nothing_was_changed()
    {
        await using var backend = new ScriptedBackend().On(Info, 502);

        var result = await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default);

        Assert.False(Assert.IsType<AccountResult.Unavailable>(result).OutcomeUnknown);
    }

    [Fact]
    public async Task There_are_no_invitations_and_the_API_knows_where_its_links_lead()
    {
        await using var backend = new ScriptedBackend();
        Assert.Equal(new AccountTraits { Invites = false, NeedsSiteUrl = false }, backend.Adapter.Traits);
    }

    [Fact]
    public async Task A_mail_for_another_password_is_asked_for()
    {
        await using var backend = new ScriptedBackend().On(ForgotPassword);

        var result = await backend.Adapter.RequestPasswordResetAsync(Email, Page, default);

        Assert.Equal(new AccountResult.Done(), result);
        Assert.Equal([(ForgotPassword, null, """{"email":"a@example.com"}""")], backend.Requests);
    }

    [Fact]
    public async Task A_link_in_a_mail_has_the_address_and_the_code_and_ends_all_sessions()
    {
        await using var backend = new ScriptedBackend().On(ResetPassword);

        var result = await backend.Adapter.ResetPasswordAsync(TokenOf("email=a%2Bb%40example.com&code=Q2Y-_8"), "new secret", default);

        Assert.Equal(new AccountResult.Done(Email: "a+b@example.com") { EndedSessions = true }, result);
        const string Body = """{"email":"a\u002Bb@example.com","resetCode":"Q2Y-_8","newPassword":"new secret"}""";
        Assert.Equal([(ResetPassword, null, Body)], backend.Requests);
    }

    [Theory]
    [InlineData("email=a@example.com"), InlineData("code=1"), InlineData("a text"), InlineData(""), InlineData(null)]
    public async Task A_token_without_what_a_reset_needs_is_an_invalid_link_and_reaches_no_backend(string? query)
    {
        await using var backend = new ScriptedBackend();
        Assert.IsType<AccountResult.LinkInvalid>(
            await backend.Adapter.ResetPasswordAsync(query is null ? "no Base64Url!" : TokenOf(query), "new secret", default)
        );
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_link_that_was_used_is_invalid()
    {
        await using var backend = new ScriptedBackend().On(ResetPassword, 400, Problem("InvalidToken", "Invalid token."));
        Assert.IsType<AccountResult.LinkInvalid>(
            await backend.Adapter.ResetPasswordAsync(TokenOf("email=a@example.com&code=1"), "new secret", default)
        );
    }

    [Fact]
    public async Task The_rules_for_passwords_are_shown_as_Identity_says_them_and_nothing_else_is()
    {
        const string Body = """
            {"title":"One or more validation errors occurred.","status":400,"errors":{
            "DuplicateUserName":["Username 'a@example.com' is already taken."],
            "PasswordTooShort":["Passwords must be at least 6 characters."],
            "PasswordRequiresUpper":["Passwords must have at least one uppercase ('A'-'Z')."]}}
            """;
        await using var backend = new ScriptedBackend().On(Register, 400, Body).On(ResetPassword, 400, Body);
        var expected = new AccountResult.Refused(
            AccountField.NewPassword,
            "Passwords must be at least 6 characters. Passwords must have at least one uppercase ('A'-'Z')."
        );

        Assert.Equal(expected, await backend.Adapter.RegisterAsync(Email, "a", Page, default));
        Assert.Equal(expected, await backend.Adapter.ResetPasswordAsync(TokenOf("email=a@example.com&code=1"), "a", default));
    }

    [Fact]
    public async Task A_visitor_registers()
    {
        await using var backend = new ScriptedBackend().On(Register);

        Assert.Equal(new AccountResult.Done(), await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));

        Assert.Equal([(Register, null, """{"email":"a@example.com","password":"new secret"}""")], backend.Requests);
    }

    [Theory]
    [InlineData("DuplicateUserName"), InlineData("DuplicateEmail")]
    public async Task An_address_with_an_account_registers_like_any_other_and_gets_another_mail(string error)
    {
        await using var backend = new ScriptedBackend().On(Register, 400, Problem(error, "'a@example.com' is already taken.")).On(Resend);

        Assert.Equal(new AccountResult.Done(), await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));

        Assert.Equal((Resend, null, """{"email":"a@example.com"}"""), backend.Requests[^1]);
    }

    [Fact]
    public async Task An_address_that_is_none_is_refused_as_Identity_says_it()
    {
        await using var backend = new ScriptedBackend().On(Register, 400, Problem("InvalidEmail", "Email 'a' is invalid."));
        Assert.Equal(
            new AccountResult.Refused(AccountField.Email, "Email 'a' is invalid."),
            await backend.Adapter.RegisterAsync("a", "new secret", Page, default)
        );
    }

    [Fact]
    public async Task A_confirmation_is_called_with_what_the_link_has_and_ends_no_session()
    {
        await using var backend = new ScriptedBackend().On(ConfirmEmail, body: "Thank you.", mediaType: "text/plain");

        var result = await backend.Adapter.ConfirmEmailAsync(TokenOf("?userId=5%265&code=Q2Y-_8"), default);

        Assert.Equal(new AccountResult.Done(), result);
        Assert.Equal([$"{ConfirmEmail}?userId=5%265&code=Q2Y-_8"], backend.Calls);
    }

    [Fact]
    public async Task A_new_address_is_encoded_and_its_confirmation_ends_all_sessions()
    {
        await using var backend = new ScriptedBackend().On(ConfirmEmail, body: "Thank you.", mediaType: "text/plain");

        var result = await backend.Adapter.ConfirmEmailAsync(TokenOf("userId=5&code=1&changedEmail=n%2Bew%40example.com"), default);

        Assert.Equal(new AccountResult.Done(Email: "n+ew@example.com") { EndedSessions = true }, result);
        Assert.Equal([$"{ConfirmEmail}?userId=5&code=1&changedEmail=n%2Bew%40example.com"], backend.Calls);
    }

    [Fact]
    public async Task A_confirmation_that_is_refused_is_an_invalid_link()
    {
        await using var backend = new ScriptedBackend().On(ConfirmEmail, 401);
        Assert.IsType<AccountResult.LinkInvalid>(await backend.Adapter.ConfirmEmailAsync(TokenOf("userId=5&code=1"), default));
        Assert.IsType<AccountResult.LinkInvalid>(await backend.Adapter.ConfirmEmailAsync(TokenOf("userId=5"), default));
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task An_invitation_is_not_offered()
    {
        await using var backend = new ScriptedBackend();
        Assert.IsType<AccountResult.NotOffered>(await backend.Adapter.AcceptInvitationAsync("1", "new secret", default));
    }

    /// <summary>For a user without a secret, <c>/manage/2fa</c> makes one and changes the security stamp.</summary>
    [Fact]
    public async Task The_status_is_read_without_the_call_that_can_end_all_sessions()
    {
        await using var backend = new ScriptedBackend().On(Info, body: Account);
        Assert.Equal(new AccountResult.Status(Email, HasTwoFactor: null), await backend.Adapter.GetStatusAsync(default));
        Assert.Equal([Info], backend.Calls);
    }

    [Fact]
    public async Task An_account_without_an_address_is_not_recognized()
    {
        await using var backend = new ScriptedBackend().On(Info, body: "{}");
        Assert.IsType<AccountResult.Unrecognized>(await backend.Adapter.GetStatusAsync(default));
        Assert.IsType<AccountResult.Unrecognized>(await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
    }

    [Fact]
    public async Task A_changed_password_is_signed_in_with_and_the_code_too()
    {
        await using var backend = SignedIn().On(Update, body: Account);

        var result = await backend.Adapter.ChangePasswordAsync(ProofWithCode, "new secret", default);

        AssertContinues(result);
        Assert.Equal(
            [
                (Info, null, ""),
                (Login, null, """{"email":"a@example.com","password":"old secret","twoFactorCode":"123456"}"""),
                (Update, "Bearer access1", """{"newPassword":"new secret","oldPassword":"old secret"}"""),
                (Login, null, """{"email":"a@example.com","password":"new secret","twoFactorCode":"123456"}"""),
            ],
            backend.Requests
        );
    }

    [Fact]
    public async Task The_access_token_takes_the_place_of_the_client_that_the_site_is()
    {
        await using var backend = SignedIn(("Backend:ClientId", "site"), ("Backend:ClientSecret", "secret")).On(Update, body: Account);
        await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default);
        Assert.StartsWith("Basic ", backend.Requests[1].Authorization, StringComparison.Ordinal);
        Assert.Equal("Bearer access1", backend.Requests[2].Authorization);
    }

    [Fact]
    public async Task A_wrong_password_changes_nothing()
    {
        await using var backend = new ScriptedBackend().On(Info, body: Account).On(Login, 401, Failed);
        Assert.Equal(
            new AccountResult.Refused(AccountField.Password),
            await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default)
        );
        Assert.Equal([Info, Login], backend.Calls);
    }

    [Fact]
    public async Task A_code_is_asked_for()
    {
        await using var backend = new ScriptedBackend().On(Info, body: Account).On(Login, 401, RequiresTwoFactor);
        Assert.Equal(
            new AccountResult.Refused(AccountField.Code, "Enter a one-time code, too.") { IsGuess = false },
            await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default)
        );
    }

    /// <summary>Identity gives the same answer to a wrong password and to a wrong code.</summary>
    [Fact]
    public async Task With_a_code_the_password_may_be_wrong_too()
    {
        await using var backend = new ScriptedBackend().On(Info, body: Account).On(Login, 401, Failed);
        Assert.Equal(
            new AccountResult.Refused(AccountField.Code, "The password is wrong, or the code is wrong or no longer valid."),
            await backend.Adapter.DisableTwoFactorAsync(ProofWithCode, default)
        );
    }

    [Fact]
    public async Task A_locked_account_is_told_to_wait()
    {
        await using var backend = new ScriptedBackend().On(Info, body: Account).On(Login, 401, """{"detail":"LockedOut"}""");
        Assert.IsType<AccountResult.TooManyAttempts>(await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
    }

    [Fact]
    public async Task A_new_password_is_refused_as_Identity_says_it_and_the_session_stays()
    {
        await using var backend = SignedIn().On(Update, 400, Problem("PasswordTooShort", "Passwords must be at least 6 characters."));
        Assert.Equal(
            new AccountResult.Refused(AccountField.NewPassword, "Passwords must be at least 6 characters."),
            await backend.Adapter.ChangePasswordAsync(Proof, "a", default)
        );
        Assert.Equal([Info, Login, Update], backend.Calls);
    }

    [Fact]
    public async Task A_password_that_was_changed_in_the_meantime_is_wrong()
    {
        await using var backend = SignedIn().On(Update, 400, Problem("PasswordMismatch", "Incorrect password."));
        Assert.Equal(
            new AccountResult.Refused(AccountField.Password),
            await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default)
        );
    }

    [Fact]
    public async Task If_the_sign_in_after_a_change_fails_the_change_is_done_and_the_session_ends()
    {
        await using var backend = new ScriptedBackend()
            .On(Info, body: Account)
            .On(Login, body: Tokens(1))
            .OnNetworkFailure(Login)
            .On(Update, body: Account);
        var done = Assert.IsType<AccountResult.Done>(await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
        Assert.Equal((null, true), (done.Tokens, done.EndedSessions));
    }

    [Fact]
    public async Task A_new_address_waits_for_its_mail_and_ends_no_session()
    {
        await using var backend = SignedIn().On(Update, body: Account);

        var result = await backend.Adapter.ChangeEmailAsync(Proof, "new@example.com", Page, default);

        Assert.Equal(new AccountResult.Done { WaitsForMail = true }, result);
        Assert.Equal((Update, "Bearer access1", """{"newEmail":"new@example.com"}"""), backend.Requests[^1]);
    }

    [Fact]
    public async Task The_secret_of_a_second_factor_is_for_an_app_too_and_the_session_continues()
    {
        await using var backend = SignedIn().On(TwoFactor, body: """{"sharedKey":"JBSWY3DP","isTwoFactorEnabled":false}""");

        var setup = Assert.IsType<AccountResult.TwoFactorSetup>(await backend.Adapter.StartTwoFactorAsync(Proof, default));

        Assert.Equal("JBSWY3DP", setup.Secret);
        Assert.Matches(@"^otpauth://totp/[^:]+:a%40example\.com\?secret=JBSWY3DP&issuer=[^&]+&digits=6$", setup.Uri);
        Assert.Equal("access2", setup.Tokens?.AccessToken);
        Assert.Equal([Info, Login, TwoFactor, Login], backend.Calls);
        Assert.Equal(("Bearer access1", """{"resetSharedKey":false,"resetRecoveryCodes":false}"""), Sent(backend.Requests[2]));
    }

    [Fact]
    public async Task A_second_factor_that_is_on_is_not_set_up_again()
    {
        await using var backend = SignedIn().On(TwoFactor, body: """{"sharedKey":"JBSWY3DP","isTwoFactorEnabled":true}""");
        Assert.IsType<AccountResult.NotOffered>(await backend.Adapter.StartTwoFactorAsync(ProofWithCode, default));
    }

    [Fact]
    public async Task A_second_factor_is_turned_on_with_new_recovery_codes()
    {
        await using var backend = SignedIn()
            .On(TwoFactor, body: """{"sharedKey":"JBSWY3DP","recoveryCodes":["R1","R2"],"isTwoFactorEnabled":true}""");

        var result = await backend.Adapter.EnableTwoFactorAsync(ProofWithCode, "JBSWY3DP", default);

        AssertContinues(result);
        Assert.Equal(["R1", "R2"], ((AccountResult.Done)result).RecoveryCodes);
        Assert.Equal(
            [
                (null, """{"email":"a@example.com","password":"old secret"}"""),
                ("Bearer access1", """{"enable":true,"twoFactorCode":"123456","resetSharedKey":false,"resetRecoveryCodes":true}"""),
                (null, """{"email":"a@example.com","password":"old secret","twoFactorCode":"123456"}"""),
            ],
            backend.Requests.Skip(1).Select(Sent)
        );
    }

    [Theory]
    [InlineData("InvalidTwoFactorCode"), InlineData("RequiresTwoFactor")]
    public async Task A_wrong_first_code_is_refused_in_the_words_of_this_site(string error)
    {
        await using var backend = SignedIn().On(TwoFactor, 400, Problem(error, "The 2fa token provided by the request was invalid."));
        Assert.Equal(
            new AccountResult.Refused(AccountField.Code),
            await backend.Adapter.EnableTwoFactorAsync(ProofWithCode, "JBSWY3DP", default)
        );
    }

    [Theory]
    [InlineData("123456", "twoFactorCode"), InlineData("RCVRY-00001", "twoFactorRecoveryCode")]
    public async Task A_second_factor_is_turned_off_by_a_code_or_a_recovery_code(string code, string field)
    {
        await using var backend = SignedIn().On(TwoFactor, body: """{"sharedKey":"OTHER","isTwoFactorEnabled":false}""");

        AssertContinues(await backend.Adapter.DisableTwoFactorAsync(new("old secret", code), default));

        Assert.Equal(
            [
                (null, $$"""{"email":"a@example.com","password":"old secret","{{field}}":"{{code}}"}"""),
                ("Bearer access1", """{"enable":false,"resetSharedKey":true,"resetRecoveryCodes":false}"""),
                (null, """{"email":"a@example.com","password":"old secret"}"""),
            ],
            backend.Requests.Skip(1).Select(Sent)
        );
    }

    [Theory]
    [
        InlineData(404, "", "application/json", typeof(AccountResult.NotOffered)),
        InlineData(400, """{"errors":{"Own":["Not for users."]}}""", "application/json", typeof(AccountResult.Unrecognized)),
        InlineData(403, "", "application/json", typeof(AccountResult.Unrecognized)),
        InlineData(429, "", "application/json", typeof(AccountResult.TooManyAttempts)),
        InlineData(500, "", "application/json", typeof(AccountResult.Unrecognized)),
        InlineData(503, "", "application/json", typeof(AccountResult.Unavailable)),
        InlineData(200, "<html>", "text/html", typeof(AccountResult.Unavailable)),
        InlineData(401, "<html>", "text/html", typeof(AccountResult.Unavailable)),
        InlineData(404, "<!doctype html>", "text/plain", typeof(AccountResult.Unavailable))
    ]
    public async Task Anything_else_is_no_refusal(int status, string body, string mediaType, Type expected)
    {
        await using var backend = new ScriptedBackend();
        foreach (var call in new[] { ForgotPassword, ResetPassword, Register, Info })
        {
            backend.On(call, status, body, mediaType);
        }

        Assert.IsType(expected, await backend.Adapter.RequestPasswordResetAsync(Email, Page, default));
        Assert.IsType(expected, await backend.Adapter.ResetPasswordAsync(TokenOf("email=a@example.com&code=1"), "new secret", default));
        Assert.IsType(expected, await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));
        Assert.IsType(expected, await backend.Adapter.GetStatusAsync(default));
        Assert.IsType(expected, await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
    }

    [Fact]
    public async Task The_time_that_the_backend_asks_for_is_kept()
    {
        await using var backend = new ScriptedBackend().On(
            ForgotPassword,
            () => new(HttpStatusCode.TooManyRequests) { Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)) } }
        );
        Assert.Equal(
            new AccountResult.TooManyAttempts(TimeSpan.FromSeconds(7)),
            await backend.Adapter.RequestPasswordResetAsync(Email, Page, default)
        );
    }

    [Fact]
    public async Task No_answer_is_an_outage()
    {
        await using var backend = new ScriptedBackend().OnNetworkFailure(ForgotPassword).OnNetworkFailure(ConfirmEmail);
        Assert.IsType<AccountResult.Unavailable>(await backend.Adapter.RequestPasswordResetAsync(Email, Page, default));
        Assert.IsType<AccountResult.Unavailable>(await backend.Adapter.ConfirmEmailAsync(TokenOf("userId=5&code=1"), default));
    }

    [Fact]
    public async Task An_error_is_logged_by_its_name_and_without_its_sentence()
    {
        await using var backend = new ScriptedBackend().On(Register, 400, Problem("Own", "a@example.com is banned."));
        var result = Assert.IsType<AccountResult.Unrecognized>(await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));
        Assert.Contains("errors (Own)", result.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("banned", result.Answer, StringComparison.Ordinal);
    }

    /// <summary>A user who can sign in. The first sign-in returns other tokens than the second one.</summary>
    private static ScriptedBackend SignedIn(params (string Name, string Value)[] settings) =>
        new ScriptedBackend(settings).On(Info, body: Account).On(Login, body: Tokens(1)).On(Login, body: Tokens(2));

    private static string Tokens(int number) =>
        $$"""{"tokenType":"Bearer","accessToken":"access{{number}}","expiresIn":3600,"refreshToken":"refresh {{number}}"}""";

    private static string Problem(string error, string sentence) =>
        $$"""{"title":"One or more validation errors occurred.","errors":{"{{error}}":["{{sentence}}"]},"status":400}""";

    private static string TokenOf(string query) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(query));

    private static (string? Authorization, string Body) Sent((string Call, string? Authorization, string Body) request) =>
        (request.Authorization, request.Body);

    private static void AssertContinues(AccountResult result)
    {
        var done = Assert.IsType<AccountResult.Done>(result);
        Assert.Equal(("access2", Email, true), (done.Tokens?.AccessToken, done.Email, done.EndedSessions));
    }
}
