using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>The account pages with requests of other sites, remote clients, wrong settings and a failing adapter.</summary>
public sealed class AccountSafetyTests
{
    public static TheoryData<string> Pages { get; } =
    [
        "/forgot-password",
        "/reset-password",
        "/register",
        "/confirm-email",
        "/accept-invitation",
        "/app/password",
        "/app/email",
        "/app/two-factor?handler=Start",
        "/app/two-factor?handler=Enable",
        "/app/two-factor?handler=Disable",
        "/dev/mail",
    ];

    [Theory, MemberData(nameof(Pages))]
    public async Task A_form_of_another_site_is_refused(string page)
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var field = await browser.OpenFormAsync("/app/password");

        foreach (var sender in new[] { "cross-site", "same-site" })
        {
            var form = new FormUrlEncodedContent([new("__RequestVerificationToken", field), new("Password", DemoBackend.Password)]);

            var answer = await browser.SendAsync(new(HttpMethod.Post, page) { Content = form }, [("Sec-Fetch-Site", sender)]);

            answer.ShouldBe(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task The_inbox_is_for_development_on_this_machine_only()
    {
        await using var site = new TestSite();
        await using var production = TestSite.InProduction();

        (await site.NewBrowser().GetAsync("/dev/mail")).ShouldBe(HttpStatusCode.OK);
        (await site.NewBrowser().From("192.0.2.1").GetAsync("/dev/mail")).ShouldBe(HttpStatusCode.NotFound);
        (await site.NewBrowser("https://rebound.example").GetAsync("/dev/mail")).ShouldBe(HttpStatusCode.NotFound);
        (await production.NewBrowser().GetAsync("/dev/mail")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_inbox_shows_each_mail_and_sends_invitations()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser().NamingTheSender();

        (await browser.FillInAsync("/dev/mail", ("Email", "ada@example.com"))).ShouldRedirectTo("/dev/mail");

        var page = await (await browser.GetAsync("/dev/mail")).TextAsync();
        Assert.Contains("To ada@example.com", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"{site.Link()}\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Account:SiteUrl", "", "Account:SiteUrl is empty")]
    [InlineData("Account:SiteUrl", "www.example.com", "must be an http or https address")]
    [InlineData("Account:SiteUrl", "https://www.example.com/?a=b", "must be an http or https address")]
    [InlineData("Account:SiteUrl", "http://www.example.com", "must use https")]
    [InlineData("Account:MailsPerClient", "0", "must be at least 1")]
    [InlineData("Account:MailsPerAddress", "0", "must be at least 1")]
    [InlineData("Account:MailsPerClientToAll", "-1", "must be at least 1")]
    [InlineData("Account:MailPeriod", "00:00:00", "must be longer than zero")]
    [InlineData("Account:MailResponseTime", "00:01:00", "must be from 0 to 30 seconds")]
    public async Task A_wrong_setting_stops_the_start_and_names_the_remedy(string setting, string value, string message)
    {
        await using var site = TestSite
            .InProduction()
            .With(setting, value)
            .With(services => services.AddTransient<IAccountBackend, DemoAccountBackend>());

        var exception = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("/forgot-password"), InlineData("/reset-password"), InlineData("/accept-invitation"), InlineData("/app/two-factor")]
    public async Task A_page_whose_task_the_backend_does_not_offer_is_not_there(string page)
    {
        await using var site = new TestSite().With(services => services.AddTransient<IAccountBackend, EmptyAccountBackend>());
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        (await browser.GetAsync(page)).ShouldBe(HttpStatusCode.NotFound);
        (await browser.SendFormAsync(page, await browser.OpenFormAsync("/app/password"))).ShouldBe(HttpStatusCode.NotFound);
        var login = await (await site.NewBrowser().GetAsync("/login")).TextAsync();
        Assert.DoesNotContain("/forgot-password", login, StringComparison.Ordinal);
        Assert.DoesNotContain("/register", login, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_backend_does_not_register_users_no_request_reaches_it()
    {
        var calls = 0;
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            _ => Task.FromResult<AccountResult>(++calls > 0 ? new AccountResult.Done() : new AccountResult.NotOffered()),
            new() { Registers = false }
        );
        var browser = site.NewBrowser().NamingTheSender();

        var answer = await browser.SendFormAsync(
            "/register",
            await browser.OpenFormAsync("/login"),
            ("Email", "ada@example.com"),
            ("NewPassword", AccountSite.NewPassword)
        );

        await answer.ShouldShowAsync(HttpStatusCode.Forbidden, "You cannot create an account on this site.");
        Assert.Equal(0, calls);
    }

    [Theory, InlineData(true, HttpStatusCode.Redirect), InlineData(false, HttpStatusCode.NotFound)]
    public async Task Password_managers_find_the_page_that_changes_the_password_where_there_is_one(bool isThere, HttpStatusCode status)
    {
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            _ => throw new NotSupportedException(),
            new() { ChangesPasswords = isThere }
        );

        (await site.NewBrowser().GetAsync("/.well-known/change-password")).ShouldBe(status);
    }

    [Theory]
    [InlineData(true, true, "Then you sign in again on each device.")]
    [InlineData(true, false, "The new address is used after you confirm it.<")]
    [InlineData(false, true, "You stay signed in here, and are signed out everywhere else.")]
    [InlineData(false, false, "You stay signed in here.<")]
    public async Task The_page_of_a_new_address_says_what_happens_to_the_sessions(bool confirms, bool ends, string text)
    {
        await using var site = StubAccountBackend.Of(
            new TestSite(),
            _ => throw new NotSupportedException(),
            new() { ConfirmsNewEmail = confirms, NewEmailEndsSessions = ends }
        );

        await (await (await site.NewSignedInBrowserAsync()).GetAsync("/app/email")).ShouldShowAsync(HttpStatusCode.OK, text);
    }

    [Fact]
    public async Task In_Development_an_empty_address_of_the_site_is_that_of_the_request()
    {
        await using var site = AccountSite.New().With("Account:SiteUrl", " ");

        await site.AskForMailAsync(site.NewBrowser(), "/forgot-password", ("Email", DemoBackend.Email));

        Assert.StartsWith("https://localhost/reset-password?token=", site.Accounts().Mails.First().Link, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_out_deletes_the_cookies_of_the_account_pages_too()
    {
        await using var site = new TestSite();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        await browser.FillInAsync("/app/two-factor?handler=Start", ("Password", DemoBackend.Password));
        site.Accounts().Invite("ada@example.com", new("https://localhost/accept-invitation"));
        await site.OpenLinkAsync(browser);
        string[] Ours() =>
            [
                .. browser.Cookies.Keys.Where(name =>
                    name.Contains("_link_", StringComparison.Ordinal) || name.EndsWith("_two_factor", StringComparison.Ordinal)
                ),
            ];
        Assert.Equal(2, Ours().Length);

        await browser.FillInAsync("/logout");

        Assert.Empty(Ours());
    }

    [Fact]
    public async Task An_answer_that_is_not_recognized_is_logged_and_shown_as_an_error_of_the_site()
    {
        await using var site = new TestSite().With(services => services.AddTransient<IAccountBackend, ThrowingAccountBackend>());
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        var answer = await browser.FillInAsync("/app/password", ("Password", "demo"), ("NewPassword", AccountSite.NewPassword));

        await answer.ShouldShowAsync(HttpStatusCode.BadGateway, "This site has an error, so your password is not changed.");
        Assert.Contains(site.Log.Entries, entry => entry.Exception is InvalidTimeZoneException);
    }

    private sealed class EmptyAccountBackend : IAccountBackend
    {
        public AccountTraits Traits { get; } =
            new()
            {
                ResetsPasswords = false,
                Registers = false,
                Invites = false,
                HasTwoFactor = false,
            };
    }

    private sealed class ThrowingAccountBackend : IAccountBackend
    {
        public AccountTraits Traits { get; } = new();

        public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
            throw new InvalidTimeZoneException();
    }
}
