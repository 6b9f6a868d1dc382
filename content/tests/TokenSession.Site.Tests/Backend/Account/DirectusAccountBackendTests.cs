using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Backend.Account;

/// <summary>The adapter of Directus for an account, against answers that were recorded from 11.17.</summary>
public sealed class DirectusAccountBackendTests
{
    private const string Rule =
        """{"errors":[{"message":"Validation failed for field \"password\". Value doesn't have the correct format.","""
        + """ "extensions":{"field":"password","path":[],"type":"regex","invalid":"short","code":"FAILED_VALIDATION"}}]}""";
    private const string RuleInWords = "Validation failed for field \"password\". Value doesn't have the correct format.";

    private static readonly Uri Page = new("https://site.test/page");
    private static readonly AccountProof Proof = new("secret");
    private static readonly AccountProof ProofWithCode = new("secret", "123456");

    /// <summary>The format of a Directus token.</summary>
    private static readonly string Link = UnsignedJwt.Of("""{"email":"a@example.com","scope":"password-reset","iss":"directus"}""");

    /// <summary>Each task, with the call that does it.</summary>
    public static TheoryData<string> Tasks =>
        [
            "POST /auth/password/request",
            "POST /auth/password/reset",
            "POST /users/register",
            "GET /users/register/verify-email",
            "POST /users/invite/accept",
            "GET /users/me",
            "PATCH /users/me",
            "POST /users/me/tfa/generate",
            "POST /users/me/tfa/enable",
            "POST /users/me/tfa/disable",
        ];

    [Fact]
    public async Task If_the_account_cannot_be_read_nothing_was_changed()
    {
        await using var directus = DirectusAnswers.New().Answers("GET /users/me", 502, "");

        var result = await directus.Adapter.ChangePasswordAsync(Proof, "new secret", default);

        Assert.False(Assert.IsType<AccountResult.Unavailable>(result).OutcomeUnknown);
    }

    [Fact]
    public async Task A_mail_is_requested_with_the_address_of_the_page_and_without_an_access_token()
    {
        await using var directus = DirectusAnswers.New().Accepts("POST /auth/password/request").Accepts("POST /users/register");

        Assert.IsType<AccountResult.Done>(await directus.Adapter.RequestPasswordResetAsync("a@example.com", Page, CancellationToken.None));
        Assert.IsType<AccountResult.Done>(await directus.Adapter.RegisterAsync("a@example.com", "new", Page, CancellationToken.None));

        Assert.Equal(
            [
                """POST /auth/password/request {"email":"a@example.com","reset_url":"https://site.test/page"}""",
                """POST /users/register {"email":"a@example.com","password":"new","verification_url":"https://site.test/page"}""",
            ],
            directus.Made()
        );
    }

    [Theory]
    [
        InlineData("POST /auth/password/request", "to reset passwords", "PASSWORD_RESET_URL_ALLOW_LIST"),
        InlineData("POST /users/register", "to verify registered users", "USER_REGISTER_URL_ALLOW_LIST")
    ]
    public async Task A_page_that_Directus_does_not_list_is_not_offered_and_the_log_names_the_setting(
        string call,
        string use,
        string setting
    )
    {
        await using var directus = DirectusAnswers
            .New()
            .Refuses(
                call,
                400,
                "INVALID_PAYLOAD",
                $$"""
                "reason":"URL \"https://site.test/page\" can't be used {{use}}",
                """
            );

        Assert.IsType<AccountResult.NotOffered>(await RunAsync(directus.Adapter, call));

        var error = Assert.Single(directus.Log.OfTheSite, entry => entry.Level is LogLevel.Error);
        Assert.Contains($"because https://site.test/page is not in its setting {setting}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registration_that_is_off_is_not_offered()
    {
        await using var directus = DirectusAnswers.New().Refuses("POST /users/register", 403, "FORBIDDEN");
        Assert.IsType<AccountResult.NotOffered>(await RunAsync(directus.Adapter, "POST /users/register"));
    }

    [Fact]
    public async Task A_registration_with_something_that_is_no_address_is_refused_at_its_field()
    {
        await using var directus = DirectusAnswers
            .New()
            .Refuses(
                "POST /users/register",
                400,
                "INVALID_PAYLOAD",
                """
                "reason":"\"email\" must be a valid email",
                """
            );
        var refused = Assert.IsType<AccountResult.Refused>(await RunAsync(directus.Adapter, "POST /users/register"));
        Assert.Equal((AccountField.Email, "This is not an e-mail address."), (refused.Field, refused.Reason));
    }

    [Theory]
    [InlineData("POST /users/register"), InlineData("POST /auth/password/reset")]
    [InlineData("POST /users/invite/accept"), InlineData("PATCH /users/me")]
    public async Task A_password_against_the_rule_of_Directus_is_refused_in_its_words(string call)
    {
        await using var directus = DirectusAnswers.New().Answers(call, 400, Rule);

        var result = await RunAsync(directus.Adapter, call);

        Assert.Equal(new AccountResult.Refused(AccountField.NewPassword, RuleInWords), result);
        Assert.DoesNotContain("short", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_used_link_names_its_account_and_a_reset_ends_the_sessions()
    {
        await using var directus = DirectusAnswers.New().Accepts("POST /auth/password/reset").Accepts("POST /users/invite/accept");

        var reset = Assert.IsType<AccountResult.Done>(await directus.Adapter.ResetPasswordAsync(Link, "new", CancellationToken.None));
        var invitation = Assert.IsType<AccountResult.Done>(
            await directus.Adapter.AcceptInvitationAsync(Link, "new", CancellationToken.None)
        );

        Assert.Equal(("a@example.com", true, null), (reset.Email, reset.EndedSessions, reset.Tokens));
        Assert.Equal(("a@example.com", false, null), (invitation.Email, invitation.EndedSessions, invitation.Tokens));
        Assert.Equal(
            [
                $$"""POST /auth/password/reset {"token":"{{Link}}","password":"new"}""",
                $$"""POST /users/invite/accept {"token":"{{Link}}","password":"new"}""",
            ],
            directus.Made()
        );
    }

    [Theory]
    [InlineData("POST /auth/password/reset", 403, "INVALID_TOKEN"), InlineData("POST /auth/password/reset", 401, "TOKEN_EXPIRED")]
    [InlineData("POST /auth/password/reset", 403, "FORBIDDEN"), InlineData("POST /users/invite/accept", 400, "INVALID_INVITE")]
    [InlineData("POST /users/invite/accept", 403, "INVALID_TOKEN"), InlineData("POST /users/invite/accept", 403, "FORBIDDEN")]
    [InlineData("GET /users/register/verify-email", 403, "INVALID_TOKEN")]
    [InlineData("GET /users/register/verify-email", 400, "INVALID_PAYLOAD")]
    public async Task A_link_that_is_unknown_or_too_old_or_was_used_is_invalid(string call, int status, string code)
    {
        await using var directus = DirectusAnswers.New().Refuses(call, status, code);
        Assert.IsType<AccountResult.LinkInvalid>(await RunAsync(directus.Adapter, call));
    }

    [Fact]
    public async Task The_redirect_to_the_Data_Studio_confirms_the_address_and_is_not_followed()
    {
        await using var directus = DirectusAnswers
            .New()
            .Answers("GET /users/register/verify-email", 302, "Found. Redirecting to /admin/users/1", "/admin/users/1", "text/plain");

        var result = await directus.Adapter.ConfirmEmailAsync(Link, CancellationToken.None);

        Assert.Equal("a@example.com", Assert.IsType<AccountResult.Done>(result).Email);
        Assert.Equal([$"GET /users/register/verify-email?token={Link}"], directus.Made());
    }

    [Theory]
    [InlineData("/admin/login"), InlineData("https://backend.test/users/register/verify-email?token=x"), InlineData(null)]
    public async Task Another_redirect_confirms_nothing(string? location)
    {
        await using var directus = DirectusAnswers.New().Answers("GET /users/register/verify-email", 302, "", location, "text/plain");
        Assert.IsType<AccountResult.Unrecognized>(await RunAsync(directus.Adapter, "GET /users/register/verify-email"));
    }

    [Fact]
    public async Task The_status_tells_the_address_and_the_second_factor()
    {
        await using var directus = DirectusAnswers.New();
        Assert.Equal(new AccountResult.Status("a@example.com", false), await directus.Adapter.GetStatusAsync(CancellationToken.None));

        directus.Answers("GET /users/me", 200, """{"data":{"email":"a@example.com","tfa_secret":"**********"}}""");
        Assert.Equal(new AccountResult.Status("a@example.com", true), await directus.Adapter.GetStatusAsync(CancellationToken.None));
        Assert.Equal("GET /users/me?fields=email,tfa_secret", directus.Made()[0]);
    }

    [Fact]
    public async Task A_user_who_may_not_read_the_own_profile_changes_nothing()
    {
        await using var directus = DirectusAnswers.New().Answers("GET /users/me", 200, """{"data":{"id":"1"}}""");

        Assert.Equal(new AccountResult.Status(null, null), await directus.Adapter.GetStatusAsync(CancellationToken.None));
        Assert.IsType<AccountResult.NotOffered>(await RunAsync(directus.Adapter, "PATCH /users/me"));
        Assert.DoesNotContain(directus.Made(), call => call.StartsWith('P'));
    }

    [Fact]
    public async Task A_changed_password_signs_in_again_because_Directus_ends_this_session_too()
    {
        await using var directus = DirectusAnswers
            .New()
            .On("POST /auth/login", 200, """{"data":{"expires":900000,"refresh_token":"new","access_token":"d.e.f"}}""");

        var done = Assert.IsType<AccountResult.Done>(
            await directus.Adapter.ChangePasswordAsync(ProofWithCode, "new secret", CancellationToken.None)
        );

        Assert.Equal(("new", true, "a@example.com"), (done.Tokens?.RefreshToken, done.EndedSessions, done.Email));
        Assert.Equal(
            [
                "GET /users/me?fields=email,tfa_secret",
                """POST /auth/login {"email":"a@example.com","password":"secret","otp":"123456","mode":"json"}""",
                """PATCH /users/me?fields=email a.b.c {"password":"new secret"}""",
                """POST /auth/login {"email":"a@example.com","password":"new secret","otp":"123456","mode":"json"}""",
                """POST /auth/logout {"refresh_token":"checked","mode":"json"}""",
            ],
            directus.Made()
        );
    }

    [Theory, InlineData("GET /users/me"), InlineData("POST /users/me/tfa/generate")]
    public async Task An_answer_without_content_is_no_success(string call)
    {
        await using var directus = DirectusAnswers.New().On(call, 200, "");

        var result = await directus.Adapter.StartTwoFactorAsync(Proof, CancellationToken.None);

        Assert.True(result is AccountResult.Unrecognized or AccountResult.Unavailable, result.ToString());
    }

    [Fact]
    public async Task A_changed_password_ends_the_session_if_the_new_sign_in_fails()
    {
        await using var directus = DirectusAnswers.New().On("POST /auth/login", 503, "");
        var done = Assert.IsType<AccountResult.Done>(await RunAsync(directus.Adapter, "PATCH /users/me"));
        Assert.Equal((null, true), (done.Tokens, done.EndedSessions));
    }

    [Fact]
    public async Task A_changed_address_signs_in_again_with_the_new_one()
    {
        await using var directus = DirectusAnswers.New();

        var done = Assert.IsType<AccountResult.Done>(
            await directus.Adapter.ChangeEmailAsync(Proof, "b@example.com", Page, CancellationToken.None)
        );

        Assert.Equal(("checked", "b@example.com", false), (done.Tokens?.RefreshToken, done.Email, done.WaitsForMail));
        Assert.Equal(
            [
                """PATCH /users/me?fields=email a.b.c {"email":"b@example.com"}""",
                """POST /auth/login {"email":"b@example.com","password":"secret","mode":"json"}""",
            ],
            directus.Made()[^3..^1]
        );
    }

    [Theory]
    [InlineData("RECORD_NOT_UNIQUE", null), InlineData("FAILED_VALIDATION", "Directus says so.")]
    public async Task An_address_that_Directus_does_not_take_is_refused_at_its_field(string code, string? reason)
    {
        await using var directus = DirectusAnswers
            .New()
            .Refuses(
                "PATCH /users/me",
                400,
                code,
                """
                "field":"email",
                """
            )
            .Accepts("POST /auth/logout");
        var result = await directus.Adapter.ChangeEmailAsync(Proof, "b@example.com", Page, CancellationToken.None);
        Assert.Equal(new AccountResult.Refused(AccountField.Email, reason), result);
    }

    [Theory]
    [InlineData("PATCH /users/me"), InlineData("POST /users/me/tfa/generate"), InlineData("POST /users/me/tfa/disable")]
    public async Task A_wrong_password_or_a_missing_code_changes_nothing(string call)
    {
        await using var directus = DirectusAnswers.New().Refuses("POST /auth/login", 401, "INVALID_CREDENTIALS");
        Assert.Equal(new AccountResult.Refused(AccountField.Password), await RunAsync(directus.Adapter, call));

        directus.Refuses("POST /auth/login", 401, "INVALID_OTP");
        Assert.Equal(AccountField.Code, Assert.IsType<AccountResult.Refused>(await RunAsync(directus.Adapter, call)).Field);

        directus.Refuses("POST /auth/login", 429, "REQUESTS_EXCEEDED");
        Assert.Equal(new AccountResult.TooManyAttempts(TimeSpan.FromSeconds(53)), await RunAsync(directus.Adapter, call));
        Assert.DoesNotContain(directus.Made(), made => made.StartsWith(call, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PATCH /users/me"), InlineData("POST /users/me/tfa/generate"), InlineData("POST /users/me/tfa/enable")]
    public async Task A_change_without_permission_is_not_offered_and_the_session_of_the_check_ends(string call)
    {
        await using var directus = DirectusAnswers.New().Refuses(call, 403, "FORBIDDEN").Accepts("POST /auth/logout");
        Assert.IsType<AccountResult.NotOffered>(await RunAsync(directus.Adapter, call));
        Assert.Equal("""POST /auth/logout {"refresh_token":"checked","mode":"json"}""", directus.Made()[^1]);
    }

    [Fact]
    public async Task A_second_factor_starts_with_its_secret_and_is_turned_on_with_a_code()
    {
        await using var directus = DirectusAnswers
            .New()
            .Answers("POST /users/me/tfa/generate", 200, """{"data":{"secret":"IVRC","otpauth_url":"otpauth://totp/x"}}""")
            .Accepts("POST /users/me/tfa/enable")
            .Accepts("POST /auth/logout");

        Assert.Equal(
            new AccountResult.TwoFactorSetup("IVRC", "otpauth://totp/x"),
            await directus.Adapter.StartTwoFactorAsync(Proof, CancellationToken.None)
        );
        var done = Assert.IsType<AccountResult.Done>(
            await directus.Adapter.EnableTwoFactorAsync(ProofWithCode, "IVRC", CancellationToken.None)
        );

        // No session ends at Directus. This session continues with its tokens, and the session of the check ends.
        Assert.Equal((null, false), (done.Tokens, done.EndedSessions));
        const string SignIn = """POST /auth/login {"email":"a@example.com","password":"secret","mode":"json"}""";
        const string SignOut = """POST /auth/logout {"refresh_token":"checked","mode":"json"}""";
        Assert.Equal(
            [
                "GET /users/me?fields=email,tfa_secret",
                SignIn,
                """POST /users/me/tfa/generate a.b.c {"password":"secret"}""",
                SignOut,
                "GET /users/me?fields=email,tfa_secret",
                SignIn,
                """POST /users/me/tfa/enable a.b.c {"otp":"123456","secret":"IVRC"}""",
                SignOut,
            ],
            directus.Made()
        );
    }

    [Fact]
    public async Task A_second_factor_is_turned_off_with_a_code()
    {
        await using var directus = DirectusAnswers.New().Accepts("POST /users/me/tfa/disable").Accepts("POST /auth/logout");

        Assert.IsType<AccountResult.Done>(await directus.Adapter.DisableTwoFactorAsync(ProofWithCode, CancellationToken.None));

        Assert.Equal("""POST /users/me/tfa/disable a.b.c {"otp":"123456"}""", directus.Made()[^2]);
    }

    [Theory]
    [InlineData("POST /users/me/tfa/enable"), InlineData("POST /users/me/tfa/disable")]
    public async Task A_wrong_code_is_refused_at_its_field(string call)
    {
        await using var directus = DirectusAnswers
            .New()
            .Refuses(
                call,
                400,
                "INVALID_PAYLOAD",
                """
                "reason":"\"otp\" is invalid",
                """
            )
            .Accepts("POST /auth/logout");
        Assert.Equal(new AccountResult.Refused(AccountField.Code), await RunAsync(directus.Adapter, call));
    }

    [Fact]
    public async Task A_second_factor_that_is_on_is_not_started_again()
    {
        await using var directus = DirectusAnswers
            .New()
            .Refuses("POST /users/me/tfa/generate", 400, "INVALID_PAYLOAD")
            .Accepts("POST /auth/logout");
        Assert.IsType<AccountResult.NotOffered>(await RunAsync(directus.Adapter, "POST /users/me/tfa/generate"));
    }

    [Theory]
    [InlineData("true", "null", true), InlineData("true", "\"**********\"", false), InlineData("false", "null", false)]
    public async Task A_policy_requires_a_second_factor_of_a_user_who_has_none(string enforced, string secret, bool required)
    {
        await using var directus = DirectusAnswers
            .New()
            .Answers(
                "GET /policies/me/globals",
                200,
                $$$"""{"data":{"app_access":true,"admin_access":false,"enforce_tfa":{{{enforced}}}}}"""
            )
            .Answers("GET /users/me", 200, $$$"""{"data":{"email":"a@example.com","tfa_secret":{{{secret}}}}}""");

        Assert.Equal(required, await directus.Adapter.RequiresTwoFactorSetupAsync("a.b.c", CancellationToken.None));
        Assert.Equal("GET /policies/me/globals", directus.Made()[0]);
    }

    [Theory]
    [InlineData(401), InlineData(503)]
    public async Task Whether_a_second_factor_is_required_is_not_known_without_an_answer(int status)
    {
        await using var directus = DirectusAnswers.New().Refuses("GET /policies/me/globals", status, "ANY");
        await Assert.ThrowsAnyAsync<Exception>(() => directus.Adapter.RequiresTwoFactorSetupAsync("a.b.c", CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task A_limit_an_outage_and_an_unknown_answer_are_what_they_are(string call)
    {
        await using var directus = DirectusAnswers.New().Accepts("POST /auth/logout");
        directus.Refuses(call, 429, "REQUESTS_EXCEEDED");
        Assert.Equal(new AccountResult.TooManyAttempts(TimeSpan.FromSeconds(53)), await RunAsync(directus.Adapter, call));

        directus.Refuses(call, 503, "SERVICE_UNAVAILABLE");
        Assert.IsType<AccountResult.Unavailable>(await RunAsync(directus.Adapter, call));

        directus.Answers(call, 403, "<html>", mediaType: "text/html");
        Assert.IsType<AccountResult.Unavailable>(await RunAsync(directus.Adapter, call));

        directus.Refuses(call, 500, "INTERNAL_SERVER_ERROR");
        Assert.IsType<AccountResult.Unrecognized>(await RunAsync(directus.Adapter, call));

        directus.Refuses(call, 404, "ROUTE_NOT_FOUND");
        var unknown = Assert.IsType<AccountResult.Unrecognized>(await RunAsync(directus.Adapter, call));
        Assert.Contains(call, unknown.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Link, unknown.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_is_an_outage()
    {
        await using var directus = DirectusAnswers.New().OnNetworkFailure("POST /auth/password/reset");
        Assert.IsType<AccountResult.Unavailable>(await RunAsync(directus.Adapter, "POST /auth/password/reset"));
    }

    private static Task<AccountResult> RunAsync(IAccountBackend account, string call) =>
        call switch
        {
            "POST /auth/password/request" => account.RequestPasswordResetAsync("a@example.com", Page, CancellationToken.None),
            "POST /auth/password/reset" => account.ResetPasswordAsync(Link, "short", CancellationToken.None),
            "POST /users/register" => account.RegisterAsync("a@example.com", "short", Page, CancellationToken.None),
            "GET /users/register/verify-email" => account.ConfirmEmailAsync(Link, CancellationToken.None),
            "POST /users/invite/accept" => account.AcceptInvitationAsync(Link, "short", CancellationToken.None),
            "GET /users/me" => account.GetStatusAsync(CancellationToken.None),
            "PATCH /users/me" => account.ChangePasswordAsync(Proof, "short", CancellationToken.None),
            "POST /users/me/tfa/generate" => account.StartTwoFactorAsync(Proof, CancellationToken.None),
            "POST /users/me/tfa/enable" => account.EnableTwoFactorAsync(ProofWithCode, "IVRC", CancellationToken.None),
            _ => account.DisableTwoFactorAsync(ProofWithCode, CancellationToken.None),
        };
}
