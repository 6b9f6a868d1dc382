using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>Changes by the signed-in user: the password is required, and the current session continues.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task After_a_change_of_the_password_this_session_continues_and_the_others_end()
    {
        await using var site = new TestSite();
        var (browser, other) = ((await site.NewSignedInBrowserAsync()).NamingTheSender(), await site.NewSignedInBrowserAsync());
        var session = site.TicketOf(browser)!.SessionId;

        (await ChangePasswordAsync(browser)).ShouldRedirectTo("/app/password");

        await (await browser.GetAsync("/app/password")).ShouldShowAsync(HttpStatusCode.OK, "Your password is changed.");
        for (var refreshes = 0; refreshes < 3; refreshes++)
        {
            site.ExpireAccessTokens();
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        }

        Assert.NotEqual(session, site.TicketOf(browser)!.SessionId);
        (await other.GetAsync("/app")).ShouldRedirectTo("/login");
        (await site.NewBrowser().SignInAsync(password: AccountSite.NewPassword)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_copy_of_the_cookies_from_before_is_refused_after_a_change_of_the_password()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var copy = browser.Copy();

        await ChangePasswordAsync(browser);

        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_a_change_of_the_password_the_user_is_the_same_and_a_remembered_session_is_still_remembered()
    {
        var user = new UserProfile("1", "Ada");
        var issued = 0;
        var backend = new StubBackend { Issue = tokens => tokens with { User = issued++ is 0 ? user : null } };
        await using var site = new TestSite().With(backend.Register);
        var browser = site.NewBrowser().NamingTheSender();
        (await browser.SignInAsync(rememberMe: true)).ShouldBe(HttpStatusCode.OK);

        (await ChangePasswordAsync(browser)).ShouldRedirectTo("/app/password");

        var ticket = site.TicketOf(browser)!;
        Assert.True(ticket.IsPersistent);
        Assert.Equal(user.Name, ticket.Tokens.User?.Name);
    }

    [Fact]
    public async Task A_sign_out_in_another_tab_during_the_change_stays_in_effect()
    {
        var (started, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            async site =>
            {
                started.SetResult();
                await mayGoOn.Task;
                return new AccountResult.Done(await site.NewTokensAsync());
            }
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var field = await browser.OpenFormAsync("/app/password");
        var other = browser.Copy();
        var change = browser.SendFormAsync(
            "/app/password",
            field,
            ("Password", DemoBackend.Password),
            ("NewPassword", AccountSite.NewPassword)
        );
        await started.Task;

        await other.PostAsync("/api/auth/logout");
        mayGoOn.SetResult();

        (await change).ShouldRedirectTo("/login");
        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
    }

    [Fact]
    public async Task If_the_backend_ended_the_session_the_login_page_says_what_has_happened()
    {
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            _ => Task.FromResult<AccountResult>(new AccountResult.Done(Email: DemoBackend.Email) { EndedSessions = true })
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        (await ChangePasswordAsync(browser)).ShouldRedirectTo("/login");

        Assert.Null(browser.Ticket);
        await (await browser.GetAsync("/login")).ShouldShowAsync(HttpStatusCode.OK, "Your password is changed.");
    }

    [Theory]
    [InlineData("/app/password", "NewPassword", AccountSite.NewPassword)]
    [InlineData("/app/email", "Email", "new@example.com")]
    [InlineData("/app/two-factor?handler=Start", "Code", "")]
    public async Task The_current_password_is_required_and_guesses_are_limited(string path, string name, string value)
    {
        await using var site = new TestSite().With("TokenSession:FailedSignInsPerClient", "3");
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var field = await browser.OpenFormAsync(path);
        await (await browser.SendFormAsync(path, field, ("Password", ""), (name, value))).ShouldShowAsync(
            HttpStatusCode.BadRequest,
            "Enter your password."
        );

        for (var guess = 0; guess < 3; guess++)
        {
            await (await browser.SendFormAsync(path, field, ("Password", "wrong"), (name, value))).ShouldShowAsync(
                HttpStatusCode.BadRequest,
                "The password is wrong."
            );
        }

        (await browser.SendFormAsync(path, field, ("Password", DemoBackend.Password), (name, value))).ShouldBe(
            HttpStatusCode.TooManyRequests
        );
        Assert.Equal(1, site.Backend.LiveSessions);
    }

    [Fact]
    public async Task If_the_answer_to_the_change_is_lost_the_page_does_not_say_that_nothing_changed()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var field = await browser.OpenFormAsync("/app/password");
        site.Backend.Faults.Break(DemoFault.DropAfterCommit, "/account/password");

        var answer = await browser.SendFormAsync(
            "/app/password",
            field,
            ("Password", DemoBackend.Password),
            ("NewPassword", AccountSite.NewPassword)
        );

        await answer.ShouldShowAsync(HttpStatusCode.ServiceUnavailable, "It may have done what you requested");
    }

    [Fact]
    public async Task If_the_new_sign_in_takes_too_long_the_change_is_reported_all_the_same()
    {
        await using var site = new TestSite().With(services => services.AddTransient<IAuthBackend, HangsAtSecondSignIn>());
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var field = await browser.OpenFormAsync("/app/password");
        HangsAtSecondSignIn.Calls = 0;

        var answer = browser.SendFormAsync(
            "/app/password",
            field,
            ("Password", DemoBackend.Password),
            ("NewPassword", AccountSite.NewPassword)
        );
        await Wait.UntilAsync(() => HangsAtSecondSignIn.Calls is 2);
        await site.AdvanceUntilAsync(answer, TimeSpan.FromSeconds(30));

        (await answer).ShouldRedirectTo("/login");
        await (await browser.GetAsync("/login")).ShouldShowAsync(HttpStatusCode.OK, "Your password is changed.");
        (await site.NewBrowser().SignInAsync(password: DemoBackend.Password)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_field_for_the_code_stays_when_something_else_is_wrong()
    {
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            _ => Task.FromResult<AccountResult>(new AccountResult.Refused(AccountField.NewPassword, "Use more characters."))
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        foreach (var hasCode in new[] { false, true })
        {
            (string, string)[] code = hasCode ? [("Code", "123456")] : [];
            var answer = await browser.FillInAsync("/app/password", [("Password", "demo"), ("NewPassword", "weak"), .. code]);

            await answer.ShouldShowAsync(HttpStatusCode.BadRequest, "Use more characters.");
            Assert.Equal(hasCode, (await answer.TextAsync()).Contains("name=\"Code\"", StringComparison.Ordinal));
        }
    }

    [Theory, InlineData(false, HttpStatusCode.BadRequest), InlineData(true, HttpStatusCode.TooManyRequests)]
    public async Task A_wrong_code_is_a_guess_and_a_missing_one_is_not(bool isGuess, HttpStatusCode afterwards)
    {
        await using var site = StubAccountBackend.Of(
            new TestSite().With("TokenSession:FailedSignInsPerClient", "2"),
            _ => Task.FromResult<AccountResult>(new AccountResult.Refused(AccountField.Code) { IsGuess = isGuess })
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        Task<HttpResponseMessage> TryAsync() =>
            browser.FillInAsync("/app/password", ("Password", "demo"), ("NewPassword", AccountSite.NewPassword));

        (await TryAsync()).ShouldBe(HttpStatusCode.BadRequest);
        (await TryAsync()).ShouldBe(HttpStatusCode.BadRequest);
        (await TryAsync()).ShouldBe(afterwards);
    }

    /// <summary>The sign-in with the new password would need another recovery code.</summary>
    [Fact]
    public async Task Recovery_codes_are_not_offered_where_none_is_accepted()
    {
        await using var site = StubAccountBackend
            .Of(
                new TestSite(),
                _ => throw new NotSupportedException(),
                status: new(DemoBackend.Email, HasTwoFactor: true, RecoveryCodesLeft: 3)
            )
            .With(new StubBackend().Register);
        var browser = await site.NewSignedInBrowserAsync();

        await (await browser.GetAsync("/app/email")).ShouldShowAsync(HttpStatusCode.OK, "Recovery codes left: 3");
        Assert.DoesNotContain("Recovery codes left", await (await browser.GetAsync("/app/password")).TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_only_the_account_could_not_be_read_the_page_says_that_nothing_changed()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var field = await browser.OpenFormAsync("/app/password");
        site.Backend.Faults.Break(DemoFault.DropAfterCommit, "/account/status");

        var answer = await browser.SendFormAsync(
            "/app/password",
            field,
            ("Password", DemoBackend.Password),
            ("NewPassword", AccountSite.NewPassword)
        );

        await answer.ShouldShowAsync(HttpStatusCode.ServiceUnavailable, "so your password is not changed");
    }

    [Fact]
    public async Task Mails_to_new_addresses_are_limited()
    {
        await using var site = new TestSite().With("Account:MailsPerClientToAll", "5");
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        for (var mail = 0; mail < 6; mail++)
        {
            var answer = await browser.FillInAsync("/app/email", ("Email", $"new-{mail}@example.com"), ("Password", DemoBackend.Password));

            answer.ShouldBe(mail < 5 ? HttpStatusCode.Redirect : HttpStatusCode.TooManyRequests);
        }

        Assert.Equal(5, site.Accounts().Mails.Count());
        Assert.Contains(site.Log.Entries, entry => entry.Message.StartsWith("ChangeEmailAsync of a client", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_addresses_are_limited_so_that_the_answers_do_not_say_who_has_an_account()
    {
        await using var site = StubAccountBackend.Of(
            new TestSite().With("Account:MailsPerClientToAll", "3"),
            _ => Task.FromResult<AccountResult>(new AccountResult.Refused(AccountField.Email, "The address is used."))
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        for (var guess = 0; guess < 4; guess++)
        {
            var answer = await browser.FillInAsync("/app/email", ("Email", $"a{guess}@example.com"), ("Password", DemoBackend.Password));

            answer.ShouldBe(guess < 3 ? HttpStatusCode.BadRequest : HttpStatusCode.TooManyRequests);
        }
    }

    [Theory, InlineData("/app/password"), InlineData("/app/email"), InlineData("/app/two-factor")]
    public async Task Guests_sign_in_first(string path)
    {
        await using var site = new TestSite();

        (await site.NewBrowser().GetAsync(path)).ShouldRedirectTo($"/login?returnTo={Uri.EscapeDataString(path)}");
    }

    [Theory, InlineData("/app/password"), InlineData("/app/email"), InlineData("/app/two-factor")]
    public async Task Without_the_backend_the_page_is_there_and_the_change_says_try_again(string path)
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        site.Backend.Faults.Break(DemoFault.Refused);

        (await browser.GetAsync(path)).ShouldBe(HttpStatusCode.OK);
        var answer = await browser.FillInAsync(
            path is "/app/two-factor" ? path + "?handler=Start" : path,
            ("Password", DemoBackend.Password),
            ("NewPassword", AccountSite.NewPassword),
            ("Email", "new@example.com")
        );

        await answer.ShouldShowAsync(HttpStatusCode.ServiceUnavailable, "The backend cannot be reached, so");
        Assert.NotNull(browser.Ticket);
    }

    [Fact]
    public async Task A_new_address_counts_when_it_is_confirmed()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        (await browser.FillInAsync("/app/email", ("Email", "new@example.com"), ("Password", DemoBackend.Password))).ShouldRedirectTo(
            "/app/email"
        );
        await (await browser.GetAsync("/app/email")).ShouldShowAsync(HttpStatusCode.OK, "We have sent a mail to new@example.com.");
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await browser.UseLinkAsync(await site.OpenLinkAsync(browser))).ShouldRedirectTo("/login");

        await (await browser.GetAsync("/login")).ShouldShowAsync(HttpStatusCode.OK, "value=\"new@example.com\"");
        (await browser.SignInAsync("new@example.com")).ShouldBe(HttpStatusCode.OK);
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_well_known_address_leads_to_the_page()
    {
        await using var site = new TestSite();

        (await site.NewBrowser().GetAsync("/.well-known/change-password")).ShouldRedirectTo("/app/password");
        (await (await site.NewSignedInBrowserAsync()).GetAsync("/app/password")).ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> ChangePasswordAsync(TestBrowser browser) =>
        browser.FillInAsync("/app/password", ("Password", DemoBackend.Password), ("NewPassword", AccountSite.NewPassword));

    /// <summary>The demo backend, but without an answer to the second sign-in.</summary>
    private sealed class HangsAtSecondSignIn(IServiceProvider services) : IAuthBackend
    {
        private readonly DemoAuthBackend demo = ActivatorUtilities.CreateInstance<DemoAuthBackend>(services);

        public static int Calls { get; set; }

        public Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken) =>
            ++Calls is 2 && credentials.Password is AccountSite.NewPassword
                ? new TaskCompletionSource<AuthResult>().Task
                : demo.SignInAsync(credentials, client, cancellationToken);

        public Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
            demo.RefreshAsync(tokens, cancellationToken);

        public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken) => demo.SignOutAsync(tokens, cancellationToken);
    }
}
