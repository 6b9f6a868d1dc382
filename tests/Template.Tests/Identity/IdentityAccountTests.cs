using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>The account pages, with the real Identity endpoints.</summary>
[Collection(typeof(IdentityCollection))]
public sealed partial class IdentityAccountTests(IdentityAccountSite site) : IClassFixture<IdentityAccountSite>
{
    private const string NewPassword = "Other-Passw0rd!";

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_a_link_that_works_once_and_ends_the_sessions()
    {
        var (email, elsewhere) = await site.SignedInAsync();
        var client = site.NewBrowser();
        await ForgetAsync(client, email);
        var link = await site.LinkToAsync(email);

        var page = await IdentityAccountSite.OpenAsync(client, link);
        var login = await FollowAsync(client, await client.SubmitAsync(page, "/reset-password", ("NewPassword", NewPassword)), "/login");

        Assert.Contains("Your password is changed. Sign in.", login.Body, StringComparison.Ordinal);
        Assert.Contains($"value=\"{email}\"", login.Body, StringComparison.Ordinal);
        var signedIn = await client.SubmitAsync(login, "/login", ("Email", email), ("Password", NewPassword));
        Assert.True(signedIn.IsRedirect, $"{signedIn}");
        await site.AssertSignedInAsync(client, email);

        var other = site.NewBrowser();
        page = await IdentityAccountSite.OpenAsync(other, link);
        var again = await other.SubmitAsync(page, "/reset-password", ("NewPassword", "Third-Passw0rd!"));
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("This link does not work", again.Body, StringComparison.Ordinal);
        await AssertEndsAsync(elsewhere);
        await site.SignInAsync(email, NewPassword);
    }

    [Fact]
    public async Task An_unknown_address_gets_the_same_answer_in_about_the_same_time_and_no_mail()
    {
        await ForgetAsync(site.NewBrowser(), NewAddress());
        var differences = new List<double>();

        // Another process of this machine can delay one answer of a pair.
        while (differences.Count < 3 && !differences.Any(IsAboutZero))
        {
            var (email, unknown) = (await site.CreateUserAsync(), NewAddress());
            var (known, knownTime) = await ForgetAsync(site.NewBrowser(), email);
            var (other, otherTime) = await ForgetAsync(site.NewBrowser(), unknown);
            differences.Add((knownTime - otherTime).TotalMilliseconds);

            Assert.Equal(known.Replace(email, unknown, StringComparison.Ordinal), other);
            await site.LinkToAsync(email);
            Assert.Empty(await site.Backend.MailsAsync(unknown));
        }

        Assert.Contains(differences, IsAboutZero);

        static bool IsAboutZero(double milliseconds) => Math.Abs(milliseconds) <= 400;
    }

    [Fact]
    public async Task A_user_registers_confirms_the_address_by_a_mail_and_signs_in()
    {
        var email = NewAddress();
        var client = site.NewBrowser();
        await RegisterAsync(client, email);
        var link = await site.LinkToAsync(email);

        await ConfirmAsync(client, link, "Your e-mail address is confirmed. Sign in.");

        await site.AssertSignedInAsync(await site.SignInAsync(email), email);
        Assert.True(await site.Api.IsConfirmedAsync(email, IdentitySite.Password));
    }

    [Fact]
    public async Task An_account_that_must_be_confirmed_signs_in_after_that_only_and_a_further_registration_sends_the_mail_again()
    {
        await using var backend = await BackendProcess.StartAsync("identity", "--require-confirmed-account", "true");
        await using var node = await site.StartNodeAsync(backend);
        await IdentityAccountSite.LeadMailsAsync(backend, node);
        var email = NewAddress();
        var client = site.NewBrowser(node);
        await RegisterAsync(client, email);

        var early = await client.SubmitAsync("/login", ("Email", email), ("Password", IdentitySite.Password));
        Assert.Equal(HttpStatusCode.Forbidden, early.Status);
        await RegisterAsync(client, email);
        await ConfirmAsync(client, await site.LinkToAsync(email, mails: 2, backend), "Your e-mail address is confirmed. Sign in.");

        Assert.True((await client.SubmitAsync("/login", ("Email", email), ("Password", IdentitySite.Password))).IsRedirect);
    }

    [Fact]
    public async Task An_address_with_an_account_registers_with_the_same_answer_and_keeps_its_password()
    {
        var email = await site.CreateUserAsync();
        var other = NewAddress();

        var taken = await RegisterAsync(site.NewBrowser(), email, NewPassword);
        var free = await RegisterAsync(site.NewBrowser(), other, NewPassword);

        Assert.Equal(free.Replace(other, email, StringComparison.Ordinal), taken);
        await site.SignInAsync(email);
    }

    [Fact]
    public async Task The_rules_for_passwords_are_shown_as_Identity_says_them_and_are_the_same_for_an_address_with_an_account()
    {
        var email = await site.CreateUserAsync();
        var client = site.NewBrowser();

        var free = await client.SubmitAsync("/register", ("Email", NewAddress()), ("NewPassword", "abc"));
        var taken = await client.SubmitAsync("/register", ("Email", email), ("NewPassword", "abc"));

        AssertRules(free);
        AssertRules(taken);
        await ForgetAsync(client, email);
        var page = await IdentityAccountSite.OpenAsync(client, await site.LinkToAsync(email));
        page = await client.SubmitAsync(page, "/reset-password", ("NewPassword", "abc"));
        AssertRules(page);
        await FollowAsync(client, await client.SubmitAsync(page, "/reset-password", ("NewPassword", NewPassword)), "/login");
    }

    [Fact]
    public async Task After_a_change_of_the_password_this_session_goes_on_and_others_end()
    {
        var (email, client) = await site.SignedInAsync();
        var other = await site.SignInAsync(email);

        var wrong = await client.SubmitAsync("/app/password", ("Password", "not the password"), ("NewPassword", NewPassword));
        var weak = await client.SubmitAsync("/app/password", ("Password", IdentitySite.Password), ("NewPassword", "abc"));
        var changed = await client.SubmitAsync("/app/password", ("Password", IdentitySite.Password), ("NewPassword", NewPassword));

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("The password is wrong.", wrong.Body, StringComparison.Ordinal);
        AssertRules(weak);
        Assert.Contains("Your password is changed.", (await FollowAsync(client, changed, "/app/password")).Body, StringComparison.Ordinal);
        await AssertGoesOnAsync(client, email);
        await AssertEndsAsync(other);
        await site.SignInAsync(email, NewPassword);
    }

    [Fact]
    public async Task A_new_address_counts_when_the_link_in_the_mail_to_it_is_confirmed()
    {
        var (email, client) = await site.SignedInAsync();
        var newEmail = NewAddress();

        var asked = await client.SubmitAsync("/app/email", ("Email", newEmail), ("Password", IdentitySite.Password));
        Assert.Contains(
            $"We have sent a mail to {newEmail}.",
            (await FollowAsync(client, asked, "/app/email")).Body,
            StringComparison.Ordinal
        );
        await site.AssertSignedInAsync(client, email);
        var link = await site.LinkToAsync(newEmail);
        var login = await ConfirmAsync(client, link, "Your e-mail address is confirmed. Sign in.");

        Assert.Contains($"value=\"{newEmail}\"", login.Body, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
        await site.AssertSignedInAsync(await site.SignInAsync(newEmail), newEmail);
        var old = await site.NewBrowser().SubmitAsync("/login", ("Email", email), ("Password", IdentitySite.Password));
        Assert.Equal(HttpStatusCode.Unauthorized, old.Status);
        Assert.Empty(await site.Backend.MailsAsync(email));

        var page = await IdentityAccountSite.OpenAsync(client, link);
        Assert.Contains("This link does not work", (await client.SubmitAsync(page, "/confirm-email")).Body, StringComparison.Ordinal);
    }

    /// <summary>If a user has no secret, the endpoint that returns the second factor creates one and ends all sessions.</summary>
    [Fact]
    public async Task Opening_the_account_pages_ends_no_session()
    {
        var (email, client) = await site.SignedInAsync();
        foreach (var path in new[] { "/app/password", "/app/email", "/app/two-factor" })
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path)).Status);
        await AssertGoesOnAsync(client, email);
    }

    /// <summary>The first secret of a user changes the security stamp.</summary>
    [Fact]
    public async Task Starting_to_set_up_a_second_factor_ends_no_session_of_this_browser()
    {
        var (email, client) = await site.SignedInAsync();
        var started = await client.SubmitAsync("/app/two-factor?handler=Start", ("Password", IdentitySite.Password));
        await FollowAsync(client, started, "/app/two-factor");
        await AssertGoesOnAsync(client, email);
        await site.SignInAsync(email);
    }

    [Fact]
    public async Task Two_factors_are_set_up_used_and_turned_off()
    {
        var (email, client) = await site.SignedInAsync();
        var (key, codes) = await SetUpAsync(client);
        Assert.Equal(10, codes.Count);
        Assert.DoesNotContain(codes[0], (await client.GetAsync("/app/two-factor")).Body, StringComparison.Ordinal);
        await AssertGoesOnAsync(client, email);

        Assert.True((await SecondStepAsync(email, ("Otp", await Totp.NowAsync(key)))).IsRedirect);
        Assert.True((await SecondStepAsync(email, ("RecoveryCode", codes[0]))).IsRedirect);

        var asked = await client.SubmitAsync("/app/two-factor?handler=Start", ("Password", IdentitySite.Password));
        Assert.Contains("Enter a one-time code, too.", asked.Body, StringComparison.Ordinal);
        Assert.Contains("Turn it off", asked.Body, StringComparison.Ordinal);
        var wrong = await client.SubmitAsync(
            asked,
            "/app/two-factor?handler=Disable",
            ("Password", IdentitySite.Password),
            ("Code", "000000")
        );
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        var off = await client.SubmitAsync(
            wrong,
            "/app/two-factor?handler=Disable",
            ("Password", IdentitySite.Password),
            ("Code", await Totp.NowAsync(key))
        );

        Assert.Equal("/app/two-factor", off.Location);
        await AssertGoesOnAsync(client, email);
        await site.SignInAsync(email);
    }

    /// <summary>Identity keeps the recovery codes of an earlier second factor. The user may have lost them.</summary>
    [Fact]
    public async Task A_second_factor_that_is_set_up_again_has_another_secret_and_other_recovery_codes()
    {
        var (_, client) = await site.SignedInAsync();
        var (key, codes) = await SetUpAsync(client);
        var off = await client.SubmitAsync("/app/two-factor?handler=Disable", ("Password", IdentitySite.Password), ("Code", codes[0]));
        Assert.True(off.IsRedirect, $"{off}");

        var (newKey, newCodes) = await SetUpAsync(client);

        Assert.NotEqual(key, newKey);
        Assert.Equal(10, newCodes.Count);
        Assert.Empty(codes.Intersect(newCodes));
    }

    private static string NewAddress() => $"new-{Guid.NewGuid():n}@example.com";

    private static async Task<(string Body, TimeSpan Time)> ForgetAsync(SiteClient client, string email)
    {
        var page = await client.GetAsync("/forgot-password");
        var start = Stopwatch.GetTimestamp();
        var answer = await client.SubmitAsync(page, "/forgot-password", ("Email", email));
        var time = Stopwatch.GetElapsedTime(start);
        var sent = await FollowAsync(client, answer, "/forgot-password");
        Assert.Contains($"If {email} has an account, ", sent.Body, StringComparison.Ordinal);
        return (Varying().Replace(sent.Body, ""), time);
    }

    private static async Task<string> RegisterAsync(SiteClient client, string email, string password = IdentitySite.Password)
    {
        var answer = await client.SubmitAsync("/register", ("Email", email), ("NewPassword", password));
        var sent = await FollowAsync(client, answer, "/register");
        Assert.Contains($"We have sent a mail to {email}, unless", sent.Body, StringComparison.Ordinal);
        return Varying().Replace(sent.Body, "");
    }

    /// <summary>Opens the link and submits its form. Returns the login page.</summary>
    private static async Task<SiteAnswer> ConfirmAsync(SiteClient client, string link, string notice)
    {
        var page = await IdentityAccountSite.OpenAsync(client, link);
        var login = await FollowAsync(client, await client.SubmitAsync(page, "/confirm-email"), "/login");
        Assert.Contains(notice, login.Body, StringComparison.Ordinal);
        return login;
    }

    private static async Task<SiteAnswer> FollowAsync(SiteClient client, SiteAnswer answer, string location)
    {
        Assert.True(answer.IsRedirect, $"{answer}");
        Assert.Equal(location, answer.Location);
        var page = await client.GetAsync(location);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return page;
    }

    /// <summary>Turns the second factor on, with a wrong code before the right one.</summary>
    private static async Task<(string Key, IReadOnlyList<string> RecoveryCodes)> SetUpAsync(SiteClient client)
    {
        var started = await client.SubmitAsync("/app/two-factor?handler=Start", ("Password", IdentitySite.Password));
        var page = await FollowAsync(client, started, "/app/two-factor");
        Assert.Contains("<svg", page.Body, StringComparison.Ordinal);
        var key = Key().Match(page.Body).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
        var wrong = await client.SubmitAsync(page, "/app/two-factor?handler=Enable", ("Code", "000000"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("This code is wrong or no longer valid.", wrong.Body, StringComparison.Ordinal);
        var code = await Totp.NowAsync(key);
        var on = await client.SubmitAsync(wrong, "/app/two-factor?handler=Enable", ("Code", $"{code[..3]} {code[3..]}"));
        Assert.Equal(HttpStatusCode.OK, on.Status);
        return (key, [.. RecoveryCode().Matches(on.Body).Select(match => match.Groups[1].Value)]);
    }

    private async Task<SiteAnswer> SecondStepAsync(string email, (string Name, string Value) code)
    {
        var client = site.NewBrowser();
        var page = await client.SubmitAsync("/login", ("Email", email), ("Password", IdentitySite.Password));
        Assert.Equal(HttpStatusCode.Unauthorized, page.Status);
        Assert.Contains("Enter your code", page.Body, StringComparison.Ordinal);
        return await client.SubmitAsync(page, "/login", ("Otp", ""), code);
    }

    /// <summary>The session survives its access token, by a refresh.</summary>
    private async Task AssertGoesOnAsync(SiteClient client, string email)
    {
        var expired = client.AccessToken;
        await site.UntilExpiredAsync(client);
        await site.AssertSignedInAsync(client, email);
        Assert.NotEqual(expired, client.AccessToken);
    }

    private async Task AssertEndsAsync(SiteClient client)
    {
        await site.UntilExpiredAsync(client);
        Assert.StartsWith("/login", (await client.GetAsync("/app")).Location, StringComparison.Ordinal);
    }

    private static void AssertRules(SiteAnswer answer)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var text = WebUtility.HtmlDecode(answer.Body);
        Assert.Contains("Passwords must be at least 6 characters.", text, StringComparison.Ordinal);
        Assert.Contains("Passwords must have at least one digit ('0'-'9').", text, StringComparison.Ordinal);
        Assert.DoesNotContain("taken", text, StringComparison.Ordinal);
    }

    [GeneratedRegex("""<code class="key">([A-Z2-7 ]+)</code>""")]
    private static partial Regex Key();

    [GeneratedRegex("(nonce|data-now)=\"[^\"]*\"")]
    private static partial Regex Varying();

    [GeneratedRegex("<li><code>([^<]+)</code></li>")]
    private static partial Regex RecoveryCode();
}
