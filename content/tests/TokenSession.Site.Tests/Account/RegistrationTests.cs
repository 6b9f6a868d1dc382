using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>A new account: by registration and confirmation, or by an invitation.</summary>
public sealed class RegistrationTests
{
    private const string Email = "new@example.com";

    [Fact]
    public async Task A_new_user_confirms_the_address_and_signs_in()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();

        (await RegisterAsync(site, browser, Email)).ShouldRedirectTo("/register");
        await (await browser.GetAsync("/register")).ShouldShowAsync(HttpStatusCode.OK, $"We have sent a mail to {Email}");
        (await browser.SignInAsync(Email, AccountSite.NewPassword)).ShouldBe(HttpStatusCode.Unauthorized);
        var page = await site.OpenLinkAsync(browser);
        await (await browser.GetAsync(page)).ShouldShowAsync(HttpStatusCode.OK, "Confirm the address");
        (await browser.SignInAsync(Email, AccountSite.NewPassword)).ShouldBe(HttpStatusCode.Unauthorized);

        (await browser.UseLinkAsync(page)).ShouldRedirectTo("/login");

        await (await browser.GetAsync("/login")).ShouldShowAsync(HttpStatusCode.OK, $"value=\"{Email}\"");
        (await browser.SignInAsync(Email, AccountSite.NewPassword)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_address_that_has_an_account_gets_the_same_answer_and_no_mail()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();

        (await RegisterAsync(site, browser, DemoBackend.Email)).ShouldRedirectTo("/register");

        await (await browser.GetAsync("/register")).ShouldShowAsync(HttpStatusCode.OK, $"We have sent a mail to {DemoBackend.Email}");
        Assert.Empty(site.Accounts().Mails);
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Theory, InlineData(Email), InlineData(DemoBackend.Email)]
    public async Task The_rule_for_passwords_is_shown_as_the_backend_says_it(string email)
    {
        await using var site = AccountSite.New();

        var answer = await RegisterAsync(site, site.NewBrowser().NamingTheSender(), email, "short");

        await answer.ShouldShowAsync(HttpStatusCode.BadRequest, "The password must have at least 8 characters.");
        Assert.DoesNotContain("short\"", await answer.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_be_off_in_the_settings()
    {
        await using var site = AccountSite.New().With("Account:AllowRegistration", "false");
        var browser = site.NewBrowser().NamingTheSender();

        var page = await (await browser.GetAsync("/register")).TextAsync();
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/register", await (await browser.GetAsync("/login")).TextAsync(), StringComparison.Ordinal);

        var field = await browser.OpenFormAsync("/login");
        var answer = await browser.SendFormAsync("/register", field, ("Email", Email), ("NewPassword", AccountSite.NewPassword));
        answer.ShouldBe(HttpStatusCode.Forbidden);
        Assert.Equal(0, site.Calls("/account/register"));
    }

    [Fact]
    public async Task It_can_be_off_at_the_backend()
    {
        await using var site = AccountSite.New();
        site.Accounts().AllowsRegistration = false;

        await (await RegisterAsync(site, site.NewBrowser().NamingTheSender(), Email)).ShouldShowAsync(
            HttpStatusCode.Forbidden,
            "The backend does not allow this, so no account is created."
        );
    }

    [Fact]
    public async Task A_confirmation_works_once()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        await RegisterAsync(site, browser, Email);
        var link = site.Link();
        await browser.UseLinkAsync(await site.OpenLinkAsync(browser, link));

        var again = await browser.UseLinkAsync(await site.OpenLinkAsync(browser, link));

        await again.ShouldShowAsync(HttpStatusCode.BadRequest, "This link does not work");
    }

    [Fact]
    public async Task A_confirmation_leaves_another_user_who_is_signed_in()
    {
        await using var site = AccountSite.New();
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        await RegisterAsync(site, browser, Email);

        var answer = await browser.UseLinkAsync(await site.OpenLinkAsync(browser));

        await answer.ShouldShowAsync(HttpStatusCode.OK, "Your e-mail address is confirmed.");
        await (await browser.GetAsync("/app")).ShouldShowAsync(HttpStatusCode.OK, DemoBackend.Email);
        (await site.NewBrowser().SignInAsync(Email, AccountSite.NewPassword)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Tokens_of_a_confirmation_in_a_browser_where_a_user_is_signed_in_are_revoked()
    {
        await using var site = StubAccountBackend.Of(
            AccountSite.New(),
            async site => new AccountResult.Done(await site.NewTokensAsync()) { EndedSessions = true }
        );
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        var session = site.TicketOf(browser)!.SessionId;

        var answer = await browser.UseLinkAsync(await site.OpenLinkAsync(browser, "/confirm-email?token=abc"));

        await answer.ShouldShowAsync(HttpStatusCode.OK, "Your e-mail address is confirmed.");
        Assert.Equal(session, site.TicketOf(browser)!.SessionId);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);
        // The backend decides whether the confirmation ended this session.
        Assert.Equal(1, site.RefreshCalls);
    }

    [Fact]
    public async Task Refused_passwords_are_limited_for_all_addresses_together()
    {
        await using var site = AccountSite.New().With("Account:MailsPerClientToAll", "3");
        var browser = site.NewBrowser().NamingTheSender();
        for (var guess = 0; guess < 3; guess++)
        {
            (await RegisterAsync(site, browser, $"a{guess}@example.com", "short")).ShouldBe(HttpStatusCode.BadRequest);
        }

        (await RegisterAsync(site, browser, "a4@example.com", "short")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Someone_who_is_invited_chooses_a_password_and_is_signed_in()
    {
        await using var site = AccountSite.New();
        site.Accounts().Invite(Email, new("https://localhost/accept-invitation"));
        var browser = site.NewBrowser().NamingTheSender();

        var answer = await browser.UseLinkAsync(await site.OpenLinkAsync(browser), ("NewPassword", AccountSite.NewPassword));

        answer.ShouldRedirectTo("/app");
        await (await browser.GetAsync("/app")).ShouldShowAsync(HttpStatusCode.OK, Email);
    }

    [Fact]
    public async Task An_invitation_in_a_browser_of_another_user_ends_that_session()
    {
        await using var site = AccountSite.New();
        site.Accounts().Invite(Email, new("https://localhost/accept-invitation"));
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();

        (await browser.UseLinkAsync(await site.OpenLinkAsync(browser), ("NewPassword", AccountSite.NewPassword))).ShouldRedirectTo("/app");

        await (await browser.GetAsync("/app")).ShouldShowAsync(HttpStatusCode.OK, Email);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);
    }

    private static Task<HttpResponseMessage> RegisterAsync(
        TestSite site,
        TestBrowser browser,
        string email,
        string password = AccountSite.NewPassword
    ) => site.AskForMailAsync(browser, "/register", ("Email", email), ("NewPassword", password));
}
