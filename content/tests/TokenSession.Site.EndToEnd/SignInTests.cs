using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

public sealed partial class SignInTests(BrowserFixture browser)
{
    [Theory, InlineData(true), InlineData(false)]
    public Task A_user_signs_in_and_sees_who_they_are(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();

                await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
                await Expect(new SiteHeader(app.Tab).SignOut).ToBeVisibleAsync();
            },
            withScripts
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task A_wrong_password_is_reported_beside_the_field_and_keeps_the_email(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

                await login.TryAsync(DemoBackend.Email, "not the password");

                await Expect(login.Tab.GetByText(PasswordIsWrong())).ToHaveCountAsync(1);
                await Expect(login.Notice).ToContainTextAsync(PasswordIsWrong());
                await Expect(login.Password).ToHaveAccessibleDescriptionAsync(PasswordIsWrong());
                await Expect(login.Password).ToHaveAttributeAsync("aria-invalid", "true");
                await Expect(login.Email).ToHaveValueAsync(DemoBackend.Email);
                await Expect(login.Password).ToHaveValueAsync("");
                await Expect(login.Password).ToBeFocusedAsync();
                Assert.DoesNotContain("not the password", await login.Tab.ContentAsync());
                Assert.Null(await visit.IndicatorAsync());
            },
            withScripts
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task After_sign_in_a_guest_gets_the_requested_page(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                await tab.GotoAsync("/app?from=a%20link");
                await Expect(tab).ToHaveURLAsync(new Regex("/login\\?returnTo="));

                var login = new LoginPage(tab);
                await login.TryAsync(DemoBackend.Email, "a first try that fails");
                await login.TryAsync(DemoBackend.Email, DemoBackend.Password);

                await Expect(tab).ToHaveURLAsync(new Regex("/app\\?from=a%20link$"));
            },
            withScripts
        );

    [
        Theory,
        InlineData("https://example.com/"),
        InlineData("//example.com"),
        InlineData("/\\example.com"),
        InlineData("javascript:alert(1)")
    ]
    public Task A_return_address_of_another_site_leads_to_the_home_page(string returnTo) =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync("/login?returnTo=" + Uri.EscapeDataString(returnTo));

            await login.SignInAsync();
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task The_login_page_is_for_guests(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();

                await app.Tab.GotoAsync("/login");

                await Expect(app.Tab).ToHaveURLAsync(new Regex("/app$"));
            },
            withScripts
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task An_account_with_a_second_factor_is_asked_for_its_code(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                visit.Site.Backend.AddUser("careful@example.com", "secret words", otp: "424242");
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

                await login.TryAsync("careful@example.com", "secret words");
                await Expect(login.Tab.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Enter your code");
                await Expect(login.Notice).ToHaveCountAsync(0);
                Assert.DoesNotContain("secret words", await login.Tab.ContentAsync());

                await login.AnswerAsync("000000");
                await Expect(login.Otp).ToHaveAccessibleDescriptionAsync(new Regex("wrong or no longer valid"));

                await login.AnswerAsync("424 242");
                await Expect(new AppPage(login.Tab).Email).ToHaveTextAsync("careful@example.com");
            },
            withScripts
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task The_login_page_says_that_the_backend_is_down(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                visit.Site.Backend.Faults.Break(DemoFault.Refused);
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

                await login.TryAsync(DemoBackend.Email, DemoBackend.Password);

                await Expect(login.Notice).ToContainTextAsync("cannot be reached");
                await Expect(login.Email).ToHaveValueAsync(DemoBackend.Email);
            },
            withScripts
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task Only_a_remembered_session_outlives_the_browser(bool isRemembered) =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            await login.RememberMe.SetCheckedAsync(isRemembered);

            await login.SignInAsync();

            var ticket = await visit.CookieAsync(visit.Site.Options.TicketCookie);
            Assert.Equal(isRemembered, ticket!.Expires > 0);
        });

    [Fact]
    public Task A_second_click_while_the_backend_is_slow_does_not_sign_in_twice() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(600);
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            await login.RememberProgressAsync();
            await login.Email.FillAsync(DemoBackend.Email);
            await login.Password.FillAsync(DemoBackend.Password);

            await login.SubmitTwiceAsync();

            await Expect(login.Tab).ToHaveURLAsync(new Regex("/app$"));
            Assert.Equal("One moment…", await login.RememberedProgressAsync());
            Assert.Equal(1, visit.Site.Backend.CallsTo("/auth/login"));
        });

    [Fact]
    public Task A_login_form_that_is_being_sent_is_not_interrupted() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.Faults.Latency = TimeSpan.FromMilliseconds(600);
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            await login.PretendSignInNextDoorAsync($"{visit.Site.Options.SessionCookie}=2100-01-01T00%3A00%3A00.000Z");

            await login.SignInAsync();

            Assert.Equal(1, visit.Count("GET /login"));
            Assert.Equal(0, visit.Count($"POST {visit.Site.Options.BasePath}/refresh"));
        });

    [Fact]
    public Task A_password_can_be_shown_and_is_sent_as_a_password_all_the_same() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

            await login.ShowPassword.ClickAsync();
            await Expect(login.Password).ToHaveAttributeAsync("type", "text");
            await Expect(login.ShowPassword).ToHaveAttributeAsync("aria-pressed", "true");

            await login.RememberSentTypeAsync();
            var app = await login.SignInAsync();
            Assert.Equal("password", await new LoginPage(app.Tab).RememberedSentTypeAsync());
        });

    [Fact]
    public async Task The_strict_policy_of_production_stops_no_script_and_no_style()
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
                await Expect(login.ShowPassword).ToBeVisibleAsync();
                await Expect(login.Submit).ToHaveCSSAsync("cursor", "pointer");

                var app = await login.SignInAsync();
                await app.UntilSecondsLeftAsync(50, 59);

                var logout = await new LogoutPage(app.Tab).OpenAsync();
                await Expect(logout.SignOut).ToHaveCSSAsync("cursor", "pointer");
                await logout.SignOut.ClickAsync();
                await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();
            }
        );
    }

    [Fact]
    public Task Password_managers_find_one_form_with_the_fields_that_they_know() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            Assert.Equal(["Email email username", "Password password current-password"], await FieldsAsync());

            await login.TryAsync("otp@example.com", DemoBackend.Password);
            await Expect(login.Otp).ToBeFocusedAsync();
            Assert.Equal(["Otp text one-time-code", "RecoveryCode text off"], await FieldsAsync());

            async Task<string[]> FieldsAsync()
            {
                await Expect(login.Tab.Locator("form")).ToHaveCountAsync(1);
                return await login
                    .Tab.Locator("form input[autocomplete]")
                    .EvaluateAllAsync<string[]>("fields => fields.map(field => `${field.name} ${field.type} ${field.autocomplete}`)");
            }
        });

    [Fact]
    public Task Caps_Lock_is_shown_while_a_password_is_typed() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

            await LoginPage.TypeAsync(login.Password, withCapsLock: true);
            await Expect(login.CapsLock).ToHaveTextAsync("Caps Lock is on.");
            await Expect(login.Password).ToHaveAccessibleDescriptionAsync("Caps Lock is on.");

            await LoginPage.TypeAsync(login.Password, withCapsLock: false);
            await Expect(login.CapsLock).ToHaveTextAsync("");

            await LoginPage.TypeAsync(login.Email, withCapsLock: true);
            await Expect(login.CapsLock).ToHaveTextAsync("");
        });

    [GeneratedRegex("e-mail address or the password is wrong", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordIsWrong();
}
