using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The second step of a sign-in asks only for the code. The browser of the first step keeps that step.</summary>
public sealed class SecondFactorTests
{
    private const string Email = "otp@example.com";

    [Theory]
    [InlineData("Otp", "123456"), InlineData("Otp", "123 456"), InlineData("Otp", " 123456 "), InlineData("Otp", "123\u00a0456")]
    [InlineData("RecoveryCode", "DEMO-RECOVERY"), InlineData("RecoveryCode", "DEMO- RECOVERY ")]
    public async Task The_page_asks_for_the_code_only(string field, string code)
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();

        var question = await BeginAsync(browser);
        Assert.Contains("name=\"Otp\"", question, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Password\"", question, StringComparison.Ordinal);
        Assert.DoesNotContain(DemoBackend.Password + "\"", question, StringComparison.Ordinal);

        (await AnswerAsync(browser, field, code)).ShouldRedirectTo("/app");
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.DoesNotContain(site.Options.PendingSignInCookie, browser.Cookies.Keys);
    }

    [Fact]
    public async Task The_first_step_is_remembered_with_its_choices()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();
        await browser.FillInAsync("/login?returnTo=%2Fapp%3Ftab%3D2", ("Email", Email), ("Password", "demo"), ("RememberMe", "true"));

        (await browser.FillInAsync("/login?returnTo=%2Fapp%3Ftab%3D2", ("Email", Email), ("Otp", "123456"))).ShouldRedirectTo("/app?tab=2");
        Assert.True(site.TicketOf(browser)!.IsPersistent);
    }

    [Theory]
    [InlineData("Otp", "000000"), InlineData("RecoveryCode", "WRONG")]
    public async Task A_wrong_code_is_asked_for_again(string field, string code)
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();
        await BeginAsync(browser);

        var answer = await AnswerAsync(browser, field, code);

        answer.ShouldBe(HttpStatusCode.Unauthorized);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("id=\"Notice\">This code is wrong or no longer valid.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Password\"", html, StringComparison.Ordinal);
        (await AnswerAsync(browser, "Otp", "123456")).ShouldRedirectTo("/app");
    }

    [Fact]
    public async Task A_backend_that_does_not_say_which_of_both_is_wrong_is_asked_for_the_code_again()
    {
        var stub = new StubBackend
        {
            SignIn = credentials => credentials.HasCode ? new AuthResult.Rejected(RejectionReason.InvalidCredentialsOrOtp) : null,
        };
        await using var site = new TestSite().With(stub.Register);
        var browser = site.NewBrowser();
        await BeginAsync(browser);

        var html = await (await AnswerAsync(browser, "Otp", "123456")).Content.ReadAsStringAsync();

        Assert.Contains("This code is wrong or no longer valid.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Password\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_step_is_forgotten_after_five_minutes()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();
        await BeginAsync(browser);
        site.Time.Advance(PendingSignIn.Lifetime);

        var answer = await AnswerAsync(browser, "Otp", "123456");

        answer.ShouldBe(HttpStatusCode.Unauthorized);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("The code came too late.", html, StringComparison.Ordinal);
        Assert.Contains("name=\"Password\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_step_works_in_its_own_browser_only_and_scripts_cannot_read_it()
    {
        await using var site = new TestSite();
        const string password = "a password of some length";
        site.Backend.AddUser(Email, password, "123456");
        var browser = site.NewBrowser();
        var answer = await browser.FillInAsync("/login", ("Email", Email), ("Password", password));

        var cookie = TestBrowser.SetCookies(answer).Single(cookie => cookie.Name == site.Options.PendingSignInCookie);
        Assert.Equal((true, PendingSignIn.Lifetime, "/"), (cookie.HttpOnly, cookie.MaxAge, cookie.Path.ToString()));
        Assert.Equal(Microsoft.Net.Http.Headers.SameSiteMode.Strict, cookie.SameSite);
        Assert.DoesNotContain(
            password,
            Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cookie.Value.ToString())),
            StringComparison.Ordinal
        );
        (await AnswerAsync(site.NewBrowser(), "Otp", "123456")).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Equal(1, site.Calls(DemoAuthBackend.SignInPath));
    }

    [Fact]
    public async Task A_token_of_the_first_step_replaces_the_password()
    {
        var stub = new StubBackend
        {
            SignIn = credentials => credentials.HasCode ? null : new AuthResult.Rejected(RejectionReason.OtpRequired, MfaToken: "mfa-1"),
        };
        await using var site = new TestSite().With(stub.Register);
        var browser = site.NewBrowser();
        await BeginAsync(browser);
        await AnswerAsync(browser, "Otp", "123456");

        Assert.Equal(("mfa-1", "", "123456", Email), Of(stub.SignIns[1]));

        static (string?, string, string?, string) Of(Credentials credentials) =>
            (credentials.MfaToken, credentials.Password, credentials.Otp, credentials.Email);
    }

    [Fact]
    public async Task A_long_password_is_kept_too()
    {
        await using var site = new TestSite();
        var password = new string('p', Credentials.MaxPasswordLength);
        site.Backend.AddUser("long@example.com", password, "123456");
        var browser = site.NewBrowser();
        await browser.FillInAsync("/login", ("Email", "long@example.com"), ("Password", password));

        (await AnswerAsync(browser, "Otp", "123456", "long@example.com")).ShouldRedirectTo("/app");
    }

    [Fact]
    public async Task A_code_is_not_sent_for_the_account_of_another_tab()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("other@example.com", DemoBackend.Password, "654321");
        var browser = site.NewBrowser();
        await BeginAsync(browser);
        await browser.FillInAsync("/login", ("Email", "other@example.com"), ("Password", DemoBackend.Password));

        (await AnswerAsync(browser, "Otp", "123456")).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Equal(2, site.Calls(DemoAuthBackend.SignInPath));
    }

    [Fact]
    public async Task A_sign_out_forgets_the_first_step()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();
        await BeginAsync(browser);
        await browser.SignOutAsync();

        Assert.DoesNotContain(site.Options.PendingSignInCookie, browser.Cookies.Keys);
    }

    [Theory]
    [InlineData(true, true), InlineData(false, false)]
    public async Task The_field_for_a_recovery_code_is_there_where_the_backend_accepts_one(bool isAccepted, bool isThere)
    {
        var stub = new StubBackend { Traits = new() { AcceptsRecoveryCodes = isAccepted } };
        await using var site = new TestSite().With(stub.Register);

        Assert.Equal(isThere, (await BeginAsync(site.NewBrowser())).Contains("name=\"RecoveryCode\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RejectionReason.InvalidCredentials), InlineData(RejectionReason.InvalidCredentialsOrOtp)]
    public async Task A_new_token_of_the_first_step_replaces_the_old_one_and_an_expired_one_starts_again(RejectionReason ending)
    {
        var attempts = 0;
        var stub = new StubBackend
        {
            SignIn = _ =>
                ++attempts < 3
                    ? new AuthResult.Rejected(RejectionReason.OtpRequired, MfaToken: $"mfa-{attempts}")
                    : new AuthResult.Rejected(ending),
        };
        await using var site = new TestSite().With(stub.Register);
        var browser = site.NewBrowser();
        await BeginAsync(browser);
        await AnswerAsync(browser, "Otp", "1");
        var html = await (await AnswerAsync(browser, "Otp", "2")).Content.ReadAsStringAsync();

        Assert.Equal([null, "mfa-1", "mfa-2"], stub.SignIns.Select(credentials => credentials.MfaToken));
        Assert.Equal(ending is RejectionReason.InvalidCredentials, html.Contains("The code came too late.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_script_sends_the_code_alone_too()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();
        (await browser.SignInAsync(Email)).ShouldBe(HttpStatusCode.Unauthorized);

        (await browser.PostAsync("/api/auth/login", new { otp = "123 456" })).ShouldBe(HttpStatusCode.OK);
        (await site.NewBrowser().PostAsync("/api/auth/login", new { otp = "123456" })).ShouldBe(HttpStatusCode.BadRequest);
        (await browser.SignInAsync(Email)).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.PostAsync("/api/auth/login", new { otp = " " })).ShouldBe(HttpStatusCode.BadRequest);
    }

    public static TheoryData<AuthResult, HttpStatusCode, string, string> Refusals =>
        new()
        {
            {
                new AuthResult.Rejected(RejectionReason.LockedOut),
                HttpStatusCode.TooManyRequests,
                "Your account is locked, because too many attempts failed. Try again later.",
                "locked_out"
            },
            {
                new AuthResult.Rejected(RejectionReason.LockedOut, TimeSpan.FromMinutes(5)),
                HttpStatusCode.TooManyRequests,
                "Your account is locked, because too many attempts failed. Try again in 5 minutes.",
                "locked_out"
            },
            {
                new AuthResult.Rejected(RejectionReason.TooManyAttempts),
                HttpStatusCode.TooManyRequests,
                "There were too many attempts. Try again later.",
                "too_many_attempts"
            },
            {
                new AuthResult.Rejected(RejectionReason.NotAllowed),
                HttpStatusCode.Forbidden,
                "Your account may not sign in.",
                "not_allowed"
            },
            {
                new AuthResult.Unrecognized("POST /token answered 401 with error \"invalid_client\""),
                HttpStatusCode.BadGateway,
                "You cannot sign in now because of an error of this site.",
                "backend_error"
            },
        };

    [Theory, MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public async Task Each_refusal_has_its_own_answer(AuthResult refusal, HttpStatusCode status, string sentence, string code)
    {
        var stub = new StubBackend { SignIn = _ => refusal };
        await using var site = new TestSite().With(stub.Register);

        var page = await site.NewBrowser().FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", "secret"));
        page.ShouldBe(status);
        Assert.Equal((refusal as AuthResult.Rejected)?.RetryAfter, page.Headers.RetryAfter?.Delta);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains(sentence, html, StringComparison.Ordinal);
        Assert.DoesNotContain("password is wrong", html, StringComparison.Ordinal);

        var answer = await site.NewBrowser().SignInAsync();
        answer.ShouldBe(status);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(code, problem.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(RejectionReason.NotAllowed, 10), InlineData(RejectionReason.LockedOut, 10), InlineData(RejectionReason.TooManyAttempts, 12)]
    public async Task A_refusal_that_reveals_something_about_the_account_counts_as_a_guess(RejectionReason reason, int heard)
    {
        var stub = new StubBackend { SignIn = _ => new AuthResult.Rejected(reason) };
        await using var site = new TestSite().With(stub.Register);
        for (var attempt = 0; attempt < 12; attempt++)
        {
            await site.NewBrowser().SignInAsync();
        }

        Assert.Equal(heard, stub.SignIns.Count);
    }

    [Fact]
    public async Task An_error_of_the_site_is_no_guess()
    {
        var stub = new StubBackend { SignIn = _ => new AuthResult.Unrecognized("POST /token answered 404") };
        await using var site = new TestSite().With(stub.Register);
        for (var attempt = 0; attempt < 12; attempt++)
        {
            await site.NewBrowser().SignInAsync();
        }

        Assert.Equal(12, stub.SignIns.Count);
    }

    private static async Task<string> BeginAsync(TestBrowser browser)
    {
        var answer = await browser.FillInAsync("/login", ("Email", Email), ("Password", DemoBackend.Password));
        answer.ShouldBe(HttpStatusCode.Unauthorized);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>The form of the second step has both fields.</summary>
    private static Task<HttpResponseMessage> AnswerAsync(TestBrowser browser, string field, string code, string email = Email) =>
        browser.FillInAsync(
            "/login",
            ("Email", email),
            ("Otp", field is "Otp" ? code : ""),
            ("RecoveryCode", field is "RecoveryCode" ? code : "")
        );
}
