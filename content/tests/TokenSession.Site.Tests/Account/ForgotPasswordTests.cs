using System.Net;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>All steps from "forgot" to "signed in", and attacks on them.</summary>
public sealed class ForgotPasswordTests
{
    [Fact]
    public async Task A_mail_leads_to_a_new_password_and_to_the_sign_in_page_with_the_address()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();

        (await AskAsync(site, browser)).ShouldRedirectTo("/forgot-password");
        await (await browser.GetAsync("/forgot-password")).ShouldShowAsync(HttpStatusCode.OK, "Check your mail");
        var page = await site.OpenLinkAsync(browser);
        (await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword))).ShouldRedirectTo("/login");

        var login = await (await browser.GetAsync("/login")).TextAsync();
        Assert.Contains("Your password is changed. Sign in.", login, StringComparison.Ordinal);
        Assert.Contains($"value=\"{DemoBackend.Email}\"", login, StringComparison.Ordinal);
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.SignInAsync(password: AccountSite.NewPassword)).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>The cookie of the notice is the only one of this browser, and the login page deletes it.</summary>
    [Fact]
    public async Task The_form_of_that_sign_in_page_is_accepted_at_once()
    {
        await using var site = AccountSite.New();
        await AskAsync(site, site.NewBrowser());
        var browser = site.NewBrowser().NamingTheSender();
        var page = await site.OpenLinkAsync(browser);
        (await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword))).ShouldRedirectTo("/login");

        var answer = await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", AccountSite.NewPassword));

        answer.ShouldRedirectTo("/app");
    }

    [Fact]
    public async Task The_cookie_of_the_link_comes_with_a_link_of_another_site_and_to_no_script()
    {
        await using var site = AccountSite.New();
        await AskAsync(site, site.NewBrowser());

        var answer = await site.NewBrowser().GetAsync(site.Link(), ("Sec-Fetch-Site", "cross-site"));

        var cookie = Assert.Single(
            answer.Headers.GetValues("Set-Cookie"),
            cookie => cookie.Contains("_link_reset", StringComparison.Ordinal)
        );
        Assert.Contains("samesite=lax; httponly", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_token_is_in_no_address_no_page_and_no_log_once_the_page_is_shown()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        await AskAsync(site, browser);
        var token = site.Link().Split("token=")[1];

        var page = await site.OpenLinkAsync(browser);
        var shown = await browser.GetAsync(page);
        await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword));

        Assert.DoesNotContain(token, await shown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookies.Values, value => value.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(
            site.Log.Entries.Where(entry => entry.Level >= LogLevel.Information),
            entry => $"{entry.Message} {entry.Exception}".Contains(token, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task To_open_the_link_changes_nothing()
    {
        await using var site = AccountSite.New();
        var (browser, scanner) = (site.NewBrowser().NamingTheSender(), site.NewBrowser());
        await AskAsync(site, browser);

        for (var times = 0; times < 3; times++)
        {
            await scanner.GetAsync(await site.OpenLinkAsync(scanner));
        }

        var page = await site.OpenLinkAsync(browser);
        (await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword))).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task A_link_that_was_used_before_says_so_and_offers_another()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        await AskAsync(site, browser);
        var link = site.Link();
        await browser.UseLinkAsync(await site.OpenLinkAsync(browser, link), ("NewPassword", AccountSite.NewPassword));

        var again = await browser.UseLinkAsync(await site.OpenLinkAsync(browser, link), ("NewPassword", "a-third-password"));

        await again.ShouldShowAsync(HttpStatusCode.BadRequest, "It was used before, or it is too old.");
        Assert.Contains("href=\"/forgot-password\"", await again.TextAsync(), StringComparison.Ordinal);
        (await browser.SignInAsync(password: AccountSite.NewPassword)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory, InlineData(25 * 60, 0), InlineData(0, 61)]
    public async Task A_link_that_is_too_old_or_was_opened_too_long_ago_does_not_work(int minutesBefore, int minutesAfter)
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        await AskAsync(site, browser);

        site.Time.Advance(TimeSpan.FromMinutes(minutesBefore));
        var page = await site.OpenLinkAsync(browser);
        var form = await (await browser.GetAsync(page)).TextAsync();
        site.Time.Advance(TimeSpan.FromMinutes(minutesAfter));

        var answer = await browser.SendFormAsync(
            page,
            TestBrowser.FormFieldIn(form),
            ("NewPassword", AccountSite.NewPassword),
            ("Link", AccountSite.LinkIn(form))
        );

        await answer.ShouldShowAsync(HttpStatusCode.BadRequest, "This link does not work");
    }

    [Theory, InlineData("/reset-password"), InlineData("/confirm-email"), InlineData("/accept-invitation")]
    public async Task Without_a_link_the_page_says_that_it_does_not_work(string page)
    {
        await using var site = AccountSite.New();

        await (await site.NewBrowser().GetAsync(page)).ShouldShowAsync(HttpStatusCode.OK, "This link does not work");
    }

    [Fact]
    public async Task A_link_works_on_its_own_page_only()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        await AskAsync(site, browser);

        await site.OpenLinkAsync(browser, site.Link().Replace("reset-password", "accept-invitation", StringComparison.Ordinal));
        await (await browser.UseLinkAsync("/accept-invitation", ("NewPassword", AccountSite.NewPassword))).ShouldShowAsync(
            HttpStatusCode.BadRequest,
            "This link does not work"
        );
        await (await browser.GetAsync("/reset-password")).ShouldShowAsync(HttpStatusCode.OK, "This link does not work");
    }

    [Fact]
    public async Task A_form_is_not_used_for_a_link_that_was_opened_later()
    {
        await using var site = AccountSite.New();
        site.Backend.AddUser("ada@example.com", "demo");
        var browser = site.NewBrowser().NamingTheSender();
        await AskAsync(site, browser);
        var page = await site.OpenLinkAsync(browser);
        var tab = await (await browser.GetAsync(page)).TextAsync();
        await AskAsync(site, browser, "ada@example.com");
        await site.OpenLinkAsync(browser);

        var answer = await browser.SendFormAsync(
            page,
            TestBrowser.FormFieldIn(tab),
            ("NewPassword", AccountSite.NewPassword),
            ("Link", AccountSite.LinkIn(tab))
        );

        await answer.ShouldShowAsync(HttpStatusCode.BadRequest, "You have opened another link in the meantime.");
        (await site.NewBrowser().SignInAsync("ada@example.com", "demo")).ShouldBe(HttpStatusCode.OK);
        (await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword))).ShouldRedirectTo("/login");
        (await site.NewBrowser().SignInAsync("ada@example.com", AccountSite.NewPassword)).ShouldBe(HttpStatusCode.OK);
    }

    [
        Theory,
        InlineData(DemoFault.Unavailable),
        InlineData(DemoFault.TooManyRequests),
        InlineData(DemoFault.Empty),
        InlineData(DemoFault.Html)
    ]
    public async Task What_a_backend_may_answer_for_some_addresses_only_is_not_shown(DemoFault fault)
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        site.Backend.Faults.Break(fault, "/account/");

        (await AskAsync(site, browser)).ShouldRedirectTo("/forgot-password");

        Assert.Contains(
            site.Log.Entries,
            entry => entry.Message.StartsWith("RequestPasswordResetAsync of a client", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_password_that_the_backend_refuses_shows_its_rule_and_keeps_the_link()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        await AskAsync(site, browser);
        var page = await site.OpenLinkAsync(browser);

        await (await browser.UseLinkAsync(page, ("NewPassword", "short"))).ShouldShowAsync(
            HttpStatusCode.BadRequest,
            "The password must have at least 8 characters."
        );
        await (await browser.UseLinkAsync(page, ("NewPassword", ""))).ShouldShowAsync(HttpStatusCode.BadRequest, "Enter the new password.");
        (await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword))).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task A_reset_ends_the_session_of_this_browser_and_all_others_of_the_user()
    {
        await using var site = AccountSite.New();
        var (browser, other) = ((await site.NewSignedInBrowserAsync()).NamingTheSender(), await site.NewSignedInBrowserAsync());
        await AskAsync(site, browser);

        await browser.UseLinkAsync(await site.OpenLinkAsync(browser), ("NewPassword", AccountSite.NewPassword));

        Assert.Null(browser.Ticket);
        site.ExpireAccessTokens();
        (await other.RefreshAsync()).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Equal(0, site.Backend.LiveSessions);
    }

    [Fact]
    public async Task A_reset_of_another_account_leaves_the_user_who_is_signed_in()
    {
        await using var site = AccountSite.New();
        site.Backend.AddUser("ada@example.com", "ada");
        var browser = (await site.NewSignedInBrowserAsync()).NamingTheSender();
        await AskAsync(site, site.NewBrowser().NamingTheSender(), "ada@example.com");

        var answer = await browser.UseLinkAsync(await site.OpenLinkAsync(browser), ("NewPassword", AccountSite.NewPassword));

        await answer.ShouldShowAsync(HttpStatusCode.OK, "Your password is changed.");
        await (await browser.GetAsync("/app")).ShouldShowAsync(HttpStatusCode.OK, DemoBackend.Email);
    }

    [Theory, InlineData(DemoBackend.Email), InlineData("unknown@example.com")]
    public async Task The_answer_is_the_same_for_each_address_and_does_not_wait_for_the_backend(string email)
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        var backend = new TaskCompletionSource();
        site.Backend.Faults.Gate = backend.Task;

        (await AskAsync(site, browser, email)).ShouldRedirectTo("/forgot-password");

        await (await browser.GetAsync("/forgot-password")).ShouldShowAsync(
            HttpStatusCode.OK,
            $"If {email} has an account, a mail with a link is on its way."
        );
        Assert.Empty(site.Accounts().Mails);
        backend.SetResult();
        await Wait.UntilAsync(() => site.Accounts().Mails.Count() == (email is DemoBackend.Email ? 1 : 0));
    }

    [Theory, InlineData(DemoBackend.Email), InlineData("unknown@example.com")]
    public async Task The_answer_is_not_earlier_when_the_backend_is_fast(string email)
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        var field = await browser.OpenFormAsync("/forgot-password");

        var answer = browser.SendFormAsync("/forgot-password", field, ("Email", email));
        await Wait.UntilAsync(() => site.Calls("/account/request-reset") is 1);

        // The demo backend answers before this page does.
        await browser.GetAsync("/");
        Assert.False(answer.IsCompleted);
        await site.AdvanceUntilAsync(answer, TimeSpan.FromSeconds(10));
        (await answer).ShouldRedirectTo("/forgot-password");
    }

    [Fact]
    public async Task In_an_outage_it_says_that_no_mail_is_sent()
    {
        await using var site = AccountSite.New();
        var browser = site.NewBrowser().NamingTheSender();
        site.Backend.Faults.Break(DemoFault.Refused);

        var answer = await AskAsync(site, browser);

        await answer.ShouldShowAsync(HttpStatusCode.ServiceUnavailable, "The backend cannot be reached, so no mail is sent. Try again");
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains($"value=\"{DemoBackend.Email}\"", await answer.TextAsync(), StringComparison.Ordinal);
        site.Backend.Faults.Clear();
        (await AskAsync(site, browser)).ShouldRedirectTo("/forgot-password");
    }

    [Fact]
    public async Task One_address_gets_five_mails_an_hour_from_one_client()
    {
        await using var site = AccountSite.New();
        for (var mails = 0; mails < 5; mails++)
        {
            (await AskAsync(site, site.NewBrowser().NamingTheSender().From("127.0.0.1"))).ShouldRedirectTo("/forgot-password");
        }

        var refused = await AskAsync(site, site.NewBrowser().NamingTheSender().From("127.0.0.1"));

        await refused.ShouldShowAsync(HttpStatusCode.TooManyRequests, "There were too many attempts. Try again in 12 minutes.");
        Assert.Equal(5, site.Accounts().Mails.Count());
        (await AskAsync(site, site.NewBrowser().NamingTheSender().From("127.0.0.2"))).ShouldRedirectTo("/forgot-password");
    }

    [Theory, InlineData(5, "a{0}@example.com", "127.0.0.1"), InlineData(5, "ada@example.com", "127.0.0.{0}")]
    public async Task Mails_are_limited_by_client_and_by_address_too(int limit, string email, string client)
    {
        await using var site = AccountSite.New().With("Account:MailsPerClientToAll", "5").With("Account:MailsPerAddress", "5");
        for (var mails = 1; mails <= limit + 1; mails++)
        {
            var browser = site.NewBrowser().NamingTheSender().From(string.Format(null, client, mails));

            var answer = await AskAsync(site, browser, string.Format(null, email, mails));

            answer.ShouldBe(mails <= limit ? HttpStatusCode.Redirect : HttpStatusCode.TooManyRequests);
        }
    }

    [Fact]
    public async Task Guesses_of_a_token_are_limited()
    {
        await using var site = AccountSite
            .New()
            .With("TokenSession:FailedSignInsPerClient", "3")
            .With("TokenSession:FailedSignInsPerAccount", "3")
            .With("TokenSession:FailedSignInsPerAddress", "3");
        var browser = site.NewBrowser().NamingTheSender();
        for (var guess = 0; guess < 4; guess++)
        {
            var page = await site.OpenLinkAsync(browser, $"/reset-password?token=guess-{guess}");
            var answer = await browser.UseLinkAsync(page, ("NewPassword", AccountSite.NewPassword));
            answer.ShouldBe(guess < 3 ? HttpStatusCode.BadRequest : HttpStatusCode.TooManyRequests);
        }
    }

    [Theory, InlineData(""), InlineData("  ")]
    public async Task Without_an_address_no_mail_is_sent(string email)
    {
        await using var site = AccountSite.New();

        var answer = await site.NewBrowser().NamingTheSender().FillInAsync("/forgot-password", ("Email", email));

        await answer.ShouldShowAsync(HttpStatusCode.BadRequest, "Enter your e-mail address.");
        Assert.Empty(site.Accounts().Mails);
    }

    [Fact]
    public async Task In_production_the_link_has_the_address_in_the_settings_and_not_the_host_of_the_request()
    {
        await using var site = AccountSite.New().With("Account:SiteUrl", "https://www.example.com/shop/");

        await AskAsync(site, site.NewBrowser("https://attacker.example").NamingTheSender());

        Assert.StartsWith(
            "https://www.example.com/shop/reset-password?token=",
            site.Accounts().Mails.Single().Link,
            StringComparison.Ordinal
        );
    }

    private static Task<HttpResponseMessage> AskAsync(TestSite site, TestBrowser browser, string email = DemoBackend.Email) =>
        site.AskForMailAsync(browser, "/forgot-password", ("Email", email));
}
