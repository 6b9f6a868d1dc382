using System.Net;
using System.Text.RegularExpressions;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>A second factor: set up in two steps, used at sign-in, and turned off.</summary>
public sealed partial class TwoFactorTests
{
    private const string Path = "/app/two-factor";

    [Fact]
    public async Task It_is_set_up_with_a_picture_or_a_key_and_asked_for_at_the_next_sign_in()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        var (secret, page) = await StartAsync(browser);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Password\"", page, StringComparison.Ordinal);
        var codes = await EnableAsync(site, browser, secret);

        Assert.Equal(5, codes.Length);
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        var next = site.NewBrowser().NamingTheSender();
        await (await next.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldShowAsync(
            HttpStatusCode.Unauthorized,
            "Enter your code"
        );
        (await next.FillInAsync("/login", ("Email", DemoBackend.Email), ("Otp", Spaced(Code(site, secret))))).ShouldRedirectTo("/app");
        var lost = site.NewBrowser().NamingTheSender();
        await lost.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password));
        (await lost.FillInAsync("/login", ("Email", DemoBackend.Email), ("Otp", ""), ("RecoveryCode", codes[0]))).ShouldRedirectTo("/app");
    }

    [Fact]
    public async Task Recovery_codes_are_shown_once()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var (secret, _) = await StartAsync(browser);
        var codes = await EnableAsync(site, browser, secret);

        var page = await (await browser.GetAsync(Path)).TextAsync();

        Assert.DoesNotContain(codes[0], page, StringComparison.Ordinal);
        Assert.Contains("Recovery codes left: 5", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_code_leaves_it_off_and_can_be_entered_again()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var (secret, _) = await StartAsync(browser);

        await (await browser.FillInAsync(Path + "?handler=Enable", ("Code", "000000"))).ShouldShowAsync(
            HttpStatusCode.BadRequest,
            "This code is wrong or no longer valid."
        );
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
        await EnableAsync(site, browser, secret);
    }

    [Fact]
    public async Task The_first_step_ends_after_ten_minutes_and_belongs_to_its_user()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("ada@example.com", "demo");
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var (secret, _) = await StartAsync(browser);
        var field = await browser.OpenFormAsync(Path);
        var other = (await site.NewSignedInBrowserAsync("ada@example.com")).NamingTheSender();
        var cookie = browser.Cookies.Single(cookie => cookie.Key.EndsWith("_two_factor", StringComparison.Ordinal));
        other.Cookies[cookie.Key] = cookie.Value;

        Assert.DoesNotContain("<svg class=\"qr", await (await other.GetAsync(Path)).TextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret[..4] + " ", await (await other.GetAsync(Path)).TextAsync(), StringComparison.Ordinal);
        site.Time.Advance(TimeSpan.FromMinutes(10));
        await (await browser.SendFormAsync(Path + "?handler=Enable", field, ("Code", Code(site, secret)))).ShouldShowAsync(
            HttpStatusCode.BadRequest,
            "The code came too late. Enter your password again."
        );
    }

    [Fact]
    public async Task If_the_first_step_ends_all_sessions_this_one_continues_as_a_new_one()
    {
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            async site => new AccountResult.TwoFactorSetup("ABCD", "otpauth://totp/x") { Tokens = await site.NewTokensAsync() }
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var copy = browser.Copy();

        await StartAsync(browser);

        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>If false, no page would accept the recovery codes.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Recovery_codes_are_shown_where_the_login_page_accepts_them(bool areAccepted)
    {
        var issued = false;
        await using var site = StubAccountBackend
            .Of(
                new TestSite(),
                _ =>
                {
                    (var isFirst, issued) = (!issued, true);
                    return Task.FromResult<AccountResult>(
                        isFirst
                            ? new AccountResult.TwoFactorSetup("ABCD", "otpauth://totp/x")
                            : new AccountResult.Done { RecoveryCodes = ["AAAAA"] }
                    );
                }
            )
            .With(new StubBackend { Traits = new() { AcceptsRecoveryCodes = areAccepted } }.Register);
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        await StartAsync(browser);

        var answer = await browser.FillInAsync(Path + "?handler=Enable", ("Code", "123456"));

        Assert.Equal(areAccepted, (await answer.TextAsync()).Contains("AAAAA", StringComparison.Ordinal));
        answer.ShouldBe(areAccepted ? HttpStatusCode.OK : HttpStatusCode.Redirect);
    }

    [Fact]
    public void The_first_step_is_kept_while_another_code_can_be_entered()
    {
        Assert.All(
            (AccountResult[])
                [
                    new AccountResult.Done(),
                    new AccountResult.NotOffered(),
                    new AccountResult.Refused(AccountField.Password),
                    new AccountResult.Refused(AccountField.Code, "Start again."),
                ],
            result => Assert.True(PendingTwoFactor.EndsWith(result))
        );
        Assert.All(
            (AccountResult[])[new AccountResult.Refused(AccountField.Code), new AccountResult.Unavailable("down")],
            result => Assert.False(PendingTwoFactor.EndsWith(result))
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task It_is_turned_off_with_the_password_and_a_code(bool byRecoveryCode)
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var (secret, _) = await StartAsync(browser);
        var codes = await EnableAsync(site, browser, secret);

        await (await TurnOffAsync(browser, "")).ShouldShowAsync(HttpStatusCode.BadRequest, "Enter a one-time code, too.");
        await (await TurnOffAsync(browser, "000000")).ShouldShowAsync(HttpStatusCode.BadRequest, "This code is wrong");
        (await TurnOffAsync(browser, byRecoveryCode ? codes[1] : Spaced(Code(site, secret)))).ShouldRedirectTo(Path);

        await (await browser.GetAsync(Path)).ShouldShowAsync(HttpStatusCode.OK, "Two-step sign-in is off.");
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_change_of_the_password_asks_for_a_code_too()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var (secret, _) = await StartAsync(browser);
        await EnableAsync(site, browser, secret);

        await (await browser.GetAsync("/app/password")).ShouldShowAsync(HttpStatusCode.OK, "name=\"Code\"");
        (
            await browser.FillInAsync(
                "/app/password",
                ("Password", DemoBackend.Password),
                ("NewPassword", AccountSite.NewPassword),
                ("Code", Code(site, secret))
            )
        ).ShouldRedirectTo("/app/password");
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_user_who_must_have_one_is_redirected_to_it()
    {
        await using var site = new TestSite();
        site.Accounts().MustHaveTwoFactor.Add(DemoBackend.Email);
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        (await browser.GetAsync("/app")).ShouldRedirectTo(Path);
        (await browser.GetAsync("/app/password")).ShouldRedirectTo(Path);
        (await browser.GetAsync("/")).ShouldBe(HttpStatusCode.OK);
        await (await browser.GetAsync(Path)).ShouldShowAsync(
            HttpStatusCode.OK,
            "Your account requires two-step sign-in before you can continue"
        );
        var (secret, _) = await StartAsync(browser);
        await EnableAsync(site, browser, secret);

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> TurnOffAsync(TestBrowser browser, string code) =>
        browser.FillInAsync(Path + "?handler=Disable", ("Password", DemoBackend.Password), ("Code", code));

    private static async Task<(string Secret, string Page)> StartAsync(TestBrowser browser)
    {
        (await browser.FillInAsync(Path + "?handler=Start", ("Password", DemoBackend.Password))).ShouldRedirectTo(Path);
        var page = await (await browser.GetAsync(Path)).TextAsync();
        return (Key().Match(page).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal), page);
    }

    private static async Task<string[]> EnableAsync(TestSite site, TestBrowser browser, string secret)
    {
        var answer = await browser.FillInAsync(Path + "?handler=Enable", ("Code", Spaced(Code(site, secret))));
        answer.ShouldBe(HttpStatusCode.OK);
        return [.. RecoveryCode().Matches(await answer.TextAsync()).Select(match => match.Groups[1].Value)];
    }

    private static string Code(TestSite site, string secret) => DemoTotp.Code(secret, site.Time.GetUtcNow());

    private static string Spaced(string code) => $"{code[..3]} {code[3..]}";

    [GeneratedRegex("<code class=\"key\">([A-Z2-7 ]+)</code>")]
    private static partial Regex Key();

    [GeneratedRegex("<li><code>([A-Z]+)</code></li>")]
    private static partial Regex RecoveryCode();
}
