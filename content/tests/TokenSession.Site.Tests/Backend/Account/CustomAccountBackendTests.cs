namespace Tests.Backend.Account;

/// <summary>The adapter of the custom API for an account. If your API has another wire format, change these tests first.</summary>
public sealed class CustomAccountBackendTests
{
    private const string Login = "POST /auth/login",
        Logout = "POST /auth/logout",
        RequestReset = "POST /auth/password/request",
        Reset = "POST /auth/password/reset",
        Register = "POST /auth/register",
        Confirm = "POST /auth/register/confirm",
        Accept = "POST /auth/invitation/accept",
        Status = "GET /auth/account",
        Password = "POST /auth/account/password",
        NewEmail = "POST /auth/account/email",
        StartTwoFactor = "POST /auth/account/two-factor",
        EnableTwoFactor = "POST /auth/account/two-factor/enable",
        DisableTwoFactor = "POST /auth/account/two-factor/disable",
        Email = "a@example.com",
        Account = """{"email":"a@example.com","two_factor":true,"recovery_codes_left":3}""";

    private static readonly AccountProof Proof = new("old secret"),
        ProofWithCode = new("old secret", "123456");

    private static readonly Uri Page = new("https://www.example.com/page");

    [Fact]
    public async Task If_the_account_cannot_be_read_nothing_was_changed()
    {
        await using var backend = new ScriptedBackend().On(Status, 502);

        var result = await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default);

        Assert.False(Assert.IsType<AccountResult.Unavailable>(result).OutcomeUnknown);
    }

    [Fact]
    public async Task Everything_is_offered()
    {
        await using var backend = new ScriptedBackend();
        Assert.Equal(new AccountTraits { NewEmailEndsSessions = false }, backend.Adapter.Traits);
    }

    [Fact]
    public async Task The_calls_of_a_visitor_are_those_of_the_wire_format()
    {
        await using var backend = new ScriptedBackend()
            .On(RequestReset, 204)
            .On(Reset, 204)
            .On(Register, 204)
            .On(Confirm, 204)
            .On(Accept, 204);

        Assert.Equal(new AccountResult.Done(), await backend.Adapter.RequestPasswordResetAsync(Email, Page, default));
        Assert.Equal(
            new AccountResult.Done { EndedSessions = true },
            await backend.Adapter.ResetPasswordAsync("token", "new secret", default)
        );
        Assert.Equal(new AccountResult.Done(), await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));
        Assert.Equal(new AccountResult.Done(), await backend.Adapter.ConfirmEmailAsync("token", default));
        Assert.Equal(new AccountResult.Done(), await backend.Adapter.AcceptInvitationAsync("token", "new secret", default));

        Assert.Equal(
            [
                (RequestReset, null, """{"email":"a@example.com","url":"https://www.example.com/page"}"""),
                (Reset, null, """{"token":"token","password":"new secret"}"""),
                (Register, null, """{"email":"a@example.com","password":"new secret","url":"https://www.example.com/page"}"""),
                (Confirm, null, """{"token":"token"}"""),
                (Accept, null, """{"token":"token","password":"new secret"}"""),
            ],
            backend.Requests
        );
    }

    [Theory]
    [
        InlineData("""{"access_token":"a","expires_in":900,"refresh_token":"r","email":"a@example.com"}"""),
        InlineData("""{"data":{"access_token":"a","expires_in":900,"refresh_token":"r","email":"a@example.com"}}""")
    ]
    public async Task The_answer_to_a_link_may_have_tokens_and_the_address(string body)
    {
        await using var backend = new ScriptedBackend().On(Reset, body: body).On(Confirm, body: body).On(Accept, body: body);
        AccountResult[] results =
        [
            await backend.Adapter.ResetPasswordAsync("token", "new secret", default),
            await backend.Adapter.ConfirmEmailAsync("token", default),
            await backend.Adapter.AcceptInvitationAsync("token", "new secret", default),
        ];
        Assert.All(
            results.Cast<AccountResult.Done>(),
            done => Assert.Equal(("a", "r", Email), (done.Tokens?.AccessToken, done.Tokens?.RefreshToken, done.Email))
        );
    }

    [Theory]
    [InlineData("""{"email":"a@example.com"}"""), InlineData("""{"data":{"email":"a@example.com"}}""")]
    public async Task The_answer_to_a_link_may_have_the_address_only(string body)
    {
        await using var backend = new ScriptedBackend().On(Accept, body: body);
        Assert.Equal(new AccountResult.Done(Email: Email), await backend.Adapter.AcceptInvitationAsync("token", "new secret", default));
    }

    [Theory]
    [
        InlineData(400, """{"error":"invalid_token"}"""),
        InlineData(401, """{"code":"TOKEN_EXPIRED"}"""),
        InlineData(410, """{"error_code":"token_used"}""")
    ]
    public async Task A_link_that_does_not_work_is_reported_as_such(int status, string body)
    {
        await using var backend = new ScriptedBackend().On(Reset, status, body).On(Confirm, status, body).On(Accept, status, body);
        Assert.IsType<AccountResult.LinkInvalid>(await backend.Adapter.ResetPasswordAsync("token", "new secret", default));
        Assert.IsType<AccountResult.LinkInvalid>(await backend.Adapter.ConfirmEmailAsync("token", default));
        Assert.IsType<AccountResult.LinkInvalid>(await backend.Adapter.AcceptInvitationAsync("token", "new secret", default));
    }

    [Theory]
    [
        InlineData("""{"error":"weak_password","error_description":"It needs a digit."}""", AccountField.NewPassword, "It needs a digit."),
        InlineData("""{"error":"invalid_password","message":"stack trace"}""", AccountField.NewPassword, null),
        InlineData(
            """{"error":"invalid_email","error_description":"This domain is closed."}""",
            AccountField.Email,
            "This domain is closed."
        ),
        InlineData("""{"error":"invalid_otp","error_description":"drift 90 s"}""", AccountField.Code, null)
    ]
    public async Task A_refused_field_has_the_description_that_is_for_users_and_no_other_text(
        string body,
        AccountField field,
        string? reason
    )
    {
        await using var backend = new ScriptedBackend().On(Register, 400, body);
        Assert.Equal(new AccountResult.Refused(field, reason), await backend.Adapter.RegisterAsync(Email, "a", Page, default));
    }

    [Fact]
    public async Task An_address_with_an_account_registers_like_any_other_and_cannot_be_changed_to()
    {
        const string Body = """{"error":"email_taken","error_description":"a@example.com has an account."}""";
        await using var backend = SignedIn().On(Register, 409, Body).On(NewEmail, 409, Body);
        Assert.Equal(new AccountResult.Done(), await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));
        Assert.Equal(new AccountResult.Refused(AccountField.Email), await backend.Adapter.ChangeEmailAsync(Proof, Email, Page, default));
    }

    [Theory]
    [InlineData(403, """{"error":"registration_disabled"}"""), InlineData(501, """{"error":"not_offered"}"""), InlineData(404, "")]
    public async Task What_the_API_does_not_offer_is_not_offered(int status, string body)
    {
        await using var backend = new ScriptedBackend().On(Register, status, body);
        Assert.IsType<AccountResult.NotOffered>(await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));
    }

    [Theory]
    [InlineData(Account, true, 3), InlineData("""{"data":{"email":"a@example.com"}}""", null, null)]
    public async Task The_status_is_what_the_API_says(string body, bool? hasTwoFactor, int? codesLeft)
    {
        await using var backend = new ScriptedBackend().On(Status, body: body);
        Assert.Equal(new AccountResult.Status(Email, hasTwoFactor, codesLeft), await backend.Adapter.GetStatusAsync(default));
    }

    [Fact]
    public async Task An_account_without_an_address_is_not_recognized_and_nothing_is_changed()
    {
        await using var backend = new ScriptedBackend().On(Status, body: """{"status":"ok"}""");
        Assert.IsType<AccountResult.Unrecognized>(await backend.Adapter.GetStatusAsync(default));
        Assert.IsType<AccountResult.Unrecognized>(await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
        Assert.Equal([Status, Status], backend.Calls);
    }

    [Fact]
    public async Task A_changed_password_is_signed_in_with()
    {
        await using var backend = SignedIn().On(Password, 204);

        AssertContinues(await backend.Adapter.ChangePasswordAsync(ProofWithCode, "new secret", default));

        Assert.Equal(
            [
                (Status, null, ""),
                (Login, null, """{"email":"a@example.com","password":"old secret","otp":"123456"}"""),
                (Password, "Bearer access1", """{"password":"new secret"}"""),
                (Login, null, """{"email":"a@example.com","password":"new secret","otp":"123456"}"""),
                (Logout, null, """{"refresh_token":"refresh1"}"""),
            ],
            backend.Requests
        );
    }

    [Fact]
    public async Task Tokens_in_the_answer_to_a_change_continue_the_session_so_that_a_code_is_sent_once()
    {
        await using var backend = SignedIn()
            .On(Password, body: Tokens(3))
            .On(EnableTwoFactor, body: Tokens(3))
            .On(DisableTwoFactor, body: Tokens(3));

        AccountResult[] results =
        [
            await backend.Adapter.ChangePasswordAsync(ProofWithCode, "new secret", default),
            await backend.Adapter.EnableTwoFactorAsync(ProofWithCode, "JBSWY3DP", default),
            await backend.Adapter.DisableTwoFactorAsync(ProofWithCode, default),
        ];

        Assert.All(results, result => Assert.Equal("access3", Assert.IsType<AccountResult.Done>(result).Tokens?.AccessToken));
        Assert.Equal(3, backend.Calls.Count(call => call is Login));

        // The tokens may continue the session of the check.
        Assert.DoesNotContain(Logout, backend.Calls);
    }

    [Theory]
    [
        InlineData("""{"recovery_codes":["R1",{},"R2"]}"""),
        InlineData("""{"data":{"access_token":"a","expires_in":900,"refresh_token":"r","recovery_codes":["R1","R2"]}}""")
    ]
    public async Task Recovery_codes_are_found_in_an_envelope_and_an_odd_one_does_not_undo_the_change(string body)
    {
        await using var backend = SignedIn().On(EnableTwoFactor, body: body);

        var result = await backend.Adapter.EnableTwoFactorAsync(ProofWithCode, "JBSWY3DP", default);

        Assert.Equal(["R1", "R2"], Assert.IsType<AccountResult.Done>(result).RecoveryCodes);
    }

    [Fact]
    public async Task An_API_that_knows_no_such_address_is_not_quoted()
    {
        await using var backend = new ScriptedBackend().On("POST /auth/password/request", 404);

        Assert.Equal(new AccountResult.Done(), await backend.Adapter.RequestPasswordResetAsync("a@example.com", Page, default));
    }

    [Fact]
    public async Task A_new_address_waits_for_its_mail_and_the_sign_in_that_checked_the_password_is_ended()
    {
        await using var backend = SignedIn().On(NewEmail, 204);

        var result = await backend.Adapter.ChangeEmailAsync(Proof, "new@example.com", Page, default);

        Assert.Equal(new AccountResult.Done { WaitsForMail = true }, result);
        Assert.Equal(
            [
                ("Bearer access1", """{"email":"new@example.com","url":"https://www.example.com/page"}"""),
                (null, """{"refresh_token":"refresh1"}"""),
            ],
            backend.Requests.Skip(2).Select(Sent)
        );
    }

    [Fact]
    public async Task A_second_factor_is_set_up_turned_on_and_turned_off()
    {
        await using var backend = SignedIn()
            .On(StartTwoFactor, body: """{"secret":"JBSWY3DP","uri":"otpauth://totp/a"}""")
            .On(EnableTwoFactor, body: """{"recovery_codes":["R1","R2"]}""")
            .On(DisableTwoFactor, 204);

        var setup = await backend.Adapter.StartTwoFactorAsync(Proof, default);
        Assert.Equal(new AccountResult.TwoFactorSetup("JBSWY3DP", "otpauth://totp/a"), setup);
        Assert.Equal([Status, Login, StartTwoFactor, Logout], backend.Calls);
        Assert.Equal(("Bearer access1", ""), Sent(backend.Requests[2]));

        backend.Requests.Clear();
        var enabled = Assert.IsType<AccountResult.Done>(await backend.Adapter.EnableTwoFactorAsync(ProofWithCode, "JBSWY3DP", default));
        Assert.Equal(("access2", true), (enabled.Tokens?.AccessToken, enabled.EndedSessions));
        Assert.Equal(["R1", "R2"], enabled.RecoveryCodes);
        Assert.Equal(
            [
                (null, """{"email":"a@example.com","password":"old secret"}"""),
                ("Bearer access2", """{"otp":"123456","secret":"JBSWY3DP"}"""),
                (null, """{"email":"a@example.com","password":"old secret","otp":"123456"}"""),
            ],
            backend.Requests.Skip(1).SkipLast(1).Select(Sent)
        );

        backend.Requests.Clear();
        AssertContinues(await backend.Adapter.DisableTwoFactorAsync(ProofWithCode, default));
        Assert.Equal(
            [
                (null, """{"email":"a@example.com","password":"old secret","otp":"123456"}"""),
                ("Bearer access2", ""),
                (null, """{"email":"a@example.com","password":"old secret"}"""),
            ],
            backend.Requests.Skip(1).SkipLast(1).Select(Sent)
        );
    }

    [Theory]
    [InlineData("{}"), InlineData(""), InlineData("""{"secret":"JBSWY3DP"}""")]
    public async Task A_second_factor_without_a_secret_or_its_address_is_not_recognized(string body)
    {
        await using var backend = SignedIn().On(StartTwoFactor, body: body);
        Assert.IsType<AccountResult.Unrecognized>(await backend.Adapter.StartTwoFactorAsync(Proof, default));
    }

    [Theory]
    [
        InlineData("""{"error":"invalid_grant"}""", AccountField.Password, null),
        InlineData("""{"error":"otp_required"}""", AccountField.Code, "Enter a one-time code, too.")
    ]
    public async Task The_password_is_checked_by_a_sign_in(string body, AccountField field, string? reason)
    {
        await using var backend = new ScriptedBackend().On(Status, body: Account).On(Login, 401, body);
        Assert.Equal(
            new AccountResult.Refused(field, reason) { IsGuess = field is AccountField.Password },
            await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default)
        );
        Assert.Equal([Status, Login], backend.Calls);
    }

    [Fact]
    public async Task A_wrong_code_is_refused_in_the_words_of_this_site()
    {
        await using var backend = new ScriptedBackend().On(Status, body: Account).On(Login, 401, """{"error":"otp_required"}""");
        Assert.Equal(new AccountResult.Refused(AccountField.Code), await backend.Adapter.DisableTwoFactorAsync(ProofWithCode, default));
    }

    [Theory]
    [
        InlineData(
            400,
            """{"error":"own_word","error_description":"Not for users."}""",
            "application/json",
            typeof(AccountResult.Unrecognized)
        ),
        InlineData(403, "", "application/json", typeof(AccountResult.Unrecognized)),
        InlineData(429, "", "application/json", typeof(AccountResult.TooManyAttempts)),
        InlineData(500, "", "application/json", typeof(AccountResult.Unrecognized)),
        InlineData(503, "", "application/json", typeof(AccountResult.Unavailable)),
        InlineData(200, "<html>", "text/html", typeof(AccountResult.Unavailable)),
        InlineData(404, "<html>", "text/html", typeof(AccountResult.Unavailable))
    ]
    public async Task Anything_else_is_no_refusal(int status, string body, string mediaType, Type expected)
    {
        await using var backend = new ScriptedBackend();
        foreach (var call in new[] { RequestReset, Reset, Register, Confirm, Accept, Status })
        {
            backend.On(call, status, body, mediaType);
        }

        Assert.IsType(expected, await backend.Adapter.RequestPasswordResetAsync(Email, Page, default));
        Assert.IsType(expected, await backend.Adapter.ResetPasswordAsync("token", "new secret", default));
        Assert.IsType(expected, await backend.Adapter.RegisterAsync(Email, "new secret", Page, default));
        Assert.IsType(expected, await backend.Adapter.ConfirmEmailAsync("token", default));
        Assert.IsType(expected, await backend.Adapter.AcceptInvitationAsync("token", "new secret", default));
        Assert.IsType(expected, await backend.Adapter.GetStatusAsync(default));
        Assert.IsType(expected, await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
    }

    [Fact]
    public async Task No_answer_is_an_outage()
    {
        await using var backend = new ScriptedBackend().OnNetworkFailure(RequestReset).OnNetworkFailure(Status);
        Assert.IsType<AccountResult.Unavailable>(await backend.Adapter.RequestPasswordResetAsync(Email, Page, default));
        Assert.IsType<AccountResult.Unavailable>(await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
    }

    [Fact]
    public async Task A_password_that_was_changed_and_cannot_be_signed_in_with_ends_the_session()
    {
        await using var backend = new ScriptedBackend()
            .On(Status, body: Account)
            .On(Login, body: Tokens(1))
            .On(Login, 503)
            .On(Password, 204);
        var done = Assert.IsType<AccountResult.Done>(await backend.Adapter.ChangePasswordAsync(Proof, "new secret", default));
        Assert.Equal((null, true), (done.Tokens, done.EndedSessions));
    }

    /// <summary>A user who can sign in. The first sign-in returns other tokens than later ones.</summary>
    private static ScriptedBackend SignedIn() =>
        new ScriptedBackend().On(Status, body: Account).On(Login, body: Tokens(1)).On(Login, body: Tokens(2)).On(Logout, 204);

    private static string Tokens(int number) =>
        $$"""{"access_token":"access{{number}}","expires_in":900,"refresh_token":"refresh{{number}}"}""";

    private static (string? Authorization, string Body) Sent((string Call, string? Authorization, string Body) request) =>
        (request.Authorization, request.Body);

    private static void AssertContinues(AccountResult result)
    {
        var done = Assert.IsType<AccountResult.Done>(result);
        Assert.Equal(("access2", Email, true), (done.Tokens?.AccessToken, done.Email, done.EndedSessions));
    }
}
