using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusAccountCollection))]
public sealed class DirectusAccountTests(DirectusAccountSite site)
{
    private const string NewPassword = "Another-pass-2";

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_the_link_of_a_mail_which_works_once()
    {
        var (user, earlier) = await SignedInAsync();
        var client = site.NewClient();

        var sent = await DirectusAccountSite.FollowAsync(client, await client.SubmitAsync("/forgot-password", ("Email", user.Email)));
        var link = await site.Mail.LinkToAsync(user.Email);
        var page = await DirectusAccountSite.OpenAsync(client, link);
        var reset = await client.SubmitAsync(page, "/reset-password", ("NewPassword", NewPassword));
        var login = await DirectusAccountSite.FollowAsync(client, reset);

        Assert.Contains("Check your mail", sent.Body, StringComparison.Ordinal);
        Assert.Contains("Your password is changed. Sign in.", login.Body, StringComparison.Ordinal);
        Assert.Contains($"value=\"{user.Email}\"", login.Body, StringComparison.Ordinal);
        Assert.Null(await site.Directus.Api.SignInAsync(user));
        await ShowsAccountAsync(await site.SignInAsync(user with { Password = NewPassword }), user.Email);

        var again = await DirectusAccountSite.OpenAsync(client, link);
        var refused = await client.SubmitAsync(again, "/reset-password", ("NewPassword", "Third-pass-3"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("This link does not work", refused.Body, StringComparison.Ordinal);

        await site.UntilExpiredAsync(earlier);
        await IsSignedOutAsync(earlier);
    }

    [Fact]
    public async Task An_address_without_an_account_gets_the_same_answer()
    {
        var client = site.NewClient();
        var email = NewAddress();

        var sent = await DirectusAccountSite.FollowAsync(client, await client.SubmitAsync("/forgot-password", ("Email", email)));

        Assert.Contains("Check your mail", sent.Body, StringComparison.Ordinal);
        Assert.Equal(0, site.Mail.CountTo(email));
    }

    [Fact]
    public async Task Pages_that_Directus_does_not_list_are_refused_and_the_log_names_the_settings()
    {
        await site.Directus.Api.AllowRegistrationAsync();
        await using var node = await site.StartNodeAsync("https://other.example");
        var client = new SiteClient(node.BaseAddress, DirectusAccountSite.CookiePrefix);
        var user = await site.Directus.Api.CreateUserAsync();

        var forgot = await client.SubmitAsync("/forgot-password", ("Email", user.Email));
        var register = await client.SubmitAsync("/register", ("Email", NewAddress()), ("NewPassword", NewPassword));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (forgot.Status, register.Status));
        Assert.Contains("The backend does not allow this, so no mail is sent.", forgot.Body, StringComparison.Ordinal);
        Assert.Contains("The backend does not allow this, so no account is created.", register.Body, StringComparison.Ordinal);
        Assert.Contains(
            "https://other.example/reset-password is not in its setting PASSWORD_RESET_URL_ALLOW_LIST.",
            node.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "https://other.example/confirm-email is not in its setting USER_REGISTER_URL_ALLOW_LIST.",
            node.Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_visitor_registers_confirms_the_address_and_signs_in()
    {
        await site.Directus.Api.AllowRegistrationAsync();
        var (client, user) = (site.NewClient(), new DirectusUser("", NewAddress(), NewPassword));

        var sent = await DirectusAccountSite.FollowAsync(
            client,
            await client.SubmitAsync("/register", ("Email", user.Email), ("NewPassword", user.Password))
        );
        var link = await site.Mail.LinkToAsync(user.Email);
        var page = await DirectusAccountSite.OpenAsync(client, link);
        Assert.Null(await site.Directus.Api.SignInAsync(user));
        var login = await DirectusAccountSite.FollowAsync(client, await client.SubmitAsync(page, "/confirm-email"));

        Assert.Contains($"We have sent a mail to {user.Email}", sent.Body, StringComparison.Ordinal);
        Assert.Contains("Your e-mail address is confirmed. Sign in.", login.Body, StringComparison.Ordinal);
        await ShowsAccountAsync(await site.SignInAsync(user), user.Email);

        var again = await client.SubmitAsync(await DirectusAccountSite.OpenAsync(client, link), "/confirm-email");
        Assert.Contains("This link does not work", again.Body, StringComparison.Ordinal);

        // The address now has an account. The page shows the same text, and no mail is sent.
        sent = await DirectusAccountSite.FollowAsync(
            client,
            await client.SubmitAsync("/register", ("Email", user.Email), ("NewPassword", "Other-pass-4"))
        );
        Assert.Contains($"We have sent a mail to {user.Email}", sent.Body, StringComparison.Ordinal);
        Assert.Equal(1, site.Mail.CountTo(user.Email));
    }

    /// <summary>A weakness of Directus, which docs/account.md describes.</summary>
    [Fact]
    public async Task An_address_that_is_registered_twice_before_it_is_confirmed_keeps_the_first_password()
    {
        await site.Directus.Api.AllowRegistrationAsync();
        var (client, first) = (site.NewClient(), new DirectusUser("", NewAddress(), "First-pass-1"));

        await client.SubmitAsync("/register", ("Email", first.Email), ("NewPassword", first.Password));
        await client.SubmitAsync("/register", ("Email", first.Email), ("NewPassword", NewPassword));
        var page = await DirectusAccountSite.OpenAsync(client, await site.Mail.LinkToAsync(first.Email, after: 1));
        Assert.True((await client.SubmitAsync(page, "/confirm-email")).IsRedirect);

        Assert.NotNull(await site.Directus.Api.SignInAsync(first));
        Assert.Null(await site.Directus.Api.SignInAsync(first with { Password = NewPassword }));
    }

    [Fact]
    public async Task A_registration_that_Directus_does_not_allow_says_so()
    {
        await site.Directus.Api.SetAsync(new { public_registration = false });

        var answer = await site.NewClient().SubmitAsync("/register", ("Email", NewAddress()), ("NewPassword", NewPassword));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains("The backend does not allow this, so no account is created.", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_is_no_address_is_refused_at_its_field()
    {
        await site.Directus.Api.AllowRegistrationAsync();

        var answer = await site.NewClient().SubmitAsync("/register", ("Email", "somebody"), ("NewPassword", NewPassword));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("This is not an e-mail address.", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invited_user_chooses_a_password_and_is_signed_in()
    {
        var (client, email) = (site.NewClient(), NewAddress());
        await site.Directus.Api.InviteAsync(email, $"{DirectusAccountSite.Address}/accept-invitation");
        var link = await site.Mail.LinkToAsync(email);

        var page = await DirectusAccountSite.OpenAsync(client, link);
        var accepted = await client.SubmitAsync(page, "/accept-invitation", ("NewPassword", NewPassword));

        Assert.True(accepted.IsRedirect, $"{accepted}\n{site.Output}");
        await ShowsAccountAsync(client, email);

        var other = site.NewClient();
        var again = await other.SubmitAsync(
            await DirectusAccountSite.OpenAsync(other, link),
            "/accept-invitation",
            ("NewPassword", "Third-pass-3")
        );
        Assert.Contains("This link does not work", again.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_against_the_rule_of_Directus_is_refused_in_its_words_and_the_link_still_works()
    {
        const string Words = "Validation failed for field &quot;password&quot;. Value doesn&#x27;t have the correct format.";
        var (user, client) = await SignedInAsync();
        var (visitor, invited) = (site.NewClient(), site.NewClient());
        var invitation = NewAddress();
        await visitor.SubmitAsync("/forgot-password", ("Email", user.Email));
        await site.Directus.Api.InviteAsync(invitation, $"{DirectusAccountSite.Address}/accept-invitation");
        var reset = await DirectusAccountSite.OpenAsync(visitor, await site.Mail.LinkToAsync(user.Email));
        var accept = await DirectusAccountSite.OpenAsync(invited, await site.Mail.LinkToAsync(invitation));
        await site.Directus.Api.AllowRegistrationAsync();
        await site.Directus.Api.SetAsync(new { auth_password_policy = "/^.{12,}$/" });
        try
        {
            var refused = new[]
            {
                await site.NewClient().SubmitAsync("/register", ("Email", NewAddress()), ("NewPassword", "short")),
                await client.SubmitAsync("/app/password", ("Password", user.Password), ("NewPassword", "short")),
                await visitor.SubmitAsync(reset, "/reset-password", ("NewPassword", "short")),
                await invited.SubmitAsync(accept, "/accept-invitation", ("NewPassword", "short")),
            };

            Assert.All(refused, answer => Assert.Contains(Words, answer.Body, StringComparison.Ordinal));
            Assert.All(refused, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.Status));
            await ShowsAccountAsync(client, user.Email);

            Assert.True((await visitor.SubmitAsync(refused[2], "/reset-password", ("NewPassword", "Long-enough-pass-5"))).IsRedirect);
            Assert.True((await invited.SubmitAsync(refused[3], "/accept-invitation", ("NewPassword", "Long-enough-pass-5"))).IsRedirect);
            Assert.DoesNotContain("\"short\"", site.Output, StringComparison.Ordinal);
        }
        finally
        {
            await site.Directus.Api.SetAsync(new { auth_password_policy = (string?)null });
        }
    }

    [Fact]
    public async Task A_changed_password_keeps_this_session_after_the_next_refresh_and_ends_the_others()
    {
        var (user, client) = await SignedInAsync();
        var other = await site.SignInAsync(user);

        var saved = await client.SubmitAsync("/app/password", ("Password", user.Password), ("NewPassword", NewPassword));
        var page = await DirectusAccountSite.FollowAsync(client, saved);

        Assert.Contains("Your password is changed.", page.Body, StringComparison.Ordinal);
        await GoesOnAsync(client, user, user.Email);
        await GoesOnAsync(client, user, user.Email);
        await IsSignedOutAsync(other);
        Assert.Null(await site.Directus.Api.SignInAsync(user));
        await site.SignInAsync(user with { Password = NewPassword });
    }

    [Fact]
    public async Task A_changed_address_keeps_this_session_after_the_next_refresh_and_ends_the_others()
    {
        var (user, client) = await SignedInAsync();
        var other = await site.SignInAsync(user);
        var email = NewAddress();

        var saved = await client.SubmitAsync("/app/email", ("Email", email), ("Password", user.Password));
        var page = await DirectusAccountSite.FollowAsync(client, saved);

        Assert.Contains($"Your e-mail address is {email} now.", page.Body, StringComparison.Ordinal);
        await GoesOnAsync(client, user with { Email = email }, email);
        await IsSignedOutAsync(other);
        await site.SignInAsync(user with { Email = email });
    }

    [Fact]
    public async Task A_wrong_password_and_an_address_that_is_taken_change_nothing()
    {
        var (user, client) = await SignedInAsync();
        var taken = await site.Directus.Api.CreateUserAsync();

        var wrong = await client.SubmitAsync("/app/password", ("Password", "not it"), ("NewPassword", NewPassword));
        var address = await client.SubmitAsync("/app/email", ("Email", taken.Email), ("Password", user.Password));

        Assert.Contains("The password is wrong.", wrong.Body, StringComparison.Ordinal);
        Assert.Contains("This e-mail address cannot be used.", address.Body, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (wrong.Status, address.Status));
        await ShowsAccountAsync(client, user.Email);
        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
    }

    [Fact]
    public async Task A_user_without_permissions_changes_nothing_and_sees_a_message()
    {
        var user = await site.Directus.Api.CreateUserAsync(hasRole: false);
        var client = await site.SignInAsync(user);

        var answer = await client.SubmitAsync("/app/password", ("Password", user.Password), ("NewPassword", NewPassword));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains("The backend does not allow this, so your password is not changed.", answer.Body, StringComparison.Ordinal);
        Assert.NotNull(await site.Directus.Api.SignInAsync(user));
    }

    [Fact]
    public async Task A_second_factor_is_set_up_asked_for_at_sign_in_and_turned_off()
    {
        var (user, client) = await SignedInAsync();

        var secret = await SetUpTwoFactorAsync(client, user);
        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));

        var second = site.NewClient();
        var step = await second.SubmitAsync("/login", ("Email", user.Email), ("Password", user.Password));
        Assert.Contains("name=\"Otp\"", step.Body, StringComparison.Ordinal);
        Assert.True((await second.SubmitAsync(step, "/login", ("Otp", await Totp.NowAsync(secret)))).IsRedirect);
        await ShowsAccountAsync(second, user.Email);

        var wrong = await client.SubmitAsync("/app/two-factor?handler=Disable", ("Password", user.Password), ("Code", "000000"));
        Assert.Contains("This code is wrong or no longer valid.", wrong.Body, StringComparison.Ordinal);
        var off = await client.SubmitAsync(
            "/app/two-factor?handler=Disable",
            ("Password", user.Password),
            ("Code", await Totp.NowAsync(secret))
        );
        var page = await DirectusAccountSite.FollowAsync(client, off);

        Assert.Contains("Two-step sign-in is off.", page.Body, StringComparison.Ordinal);
        await site.SignInAsync(user);
        await site.UntilExpiredAsync(client);
        await ShowsAccountAsync(client, user.Email);
    }

    [Fact]
    public async Task A_user_with_two_factors_changes_the_password_with_a_code()
    {
        var (user, client) = await SignedInAsync();
        var secret = await SetUpTwoFactorAsync(client, user);

        var form = await client.GetAsync("/app/password");
        Assert.Contains("name=\"Code\"", form.Body, StringComparison.Ordinal);
        var saved = await client.SubmitAsync(
            form,
            "/app/password",
            ("Password", user.Password),
            ("NewPassword", NewPassword),
            ("Code", await Totp.NowAsync(secret))
        );

        Assert.True(saved.IsRedirect, $"{saved}");
        await GoesOnAsync(client, user, user.Email);
    }

    [Fact]
    public async Task A_policy_that_enforces_two_factors_leads_to_their_page_also_after_a_refresh_until_they_are_set_up()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        await site.Directus.Api.RequireTwoFactorAsync(user);
        var client = await site.SignInAsync(user);

        Assert.Equal("/app/two-factor", (await client.GetAsync("/app")).Location);
        await site.UntilExpiredAsync(client);
        Assert.Equal("/app/two-factor", (await client.GetAsync("/app")).Location);
        Assert.Contains(
            "Your account requires two-step sign-in before you can continue.",
            (await client.GetAsync("/app/two-factor")).Body,
            StringComparison.Ordinal
        );

        var wrong = await client.SubmitAsync("/app/two-factor?handler=Start", ("Password", "not it"));
        Assert.Contains("Your account requires two-step sign-in before you can continue.", wrong.Body, StringComparison.Ordinal);

        await SetUpTwoFactorAsync(client, user);
        await ShowsAccountAsync(client, user.Email);
    }

    private static string NewAddress() => $"new-{Guid.NewGuid():n}@example.com";

    private async Task<(DirectusUser User, SiteClient Client)> SignedInAsync()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        return (user, await site.SignInAsync(user));
    }

    private static async Task<string> SetUpTwoFactorAsync(SiteClient client, DirectusUser user)
    {
        var started = await client.SubmitAsync("/app/two-factor?handler=Start", ("Password", user.Password));
        var setup = await DirectusAccountSite.FollowAsync(client, started);
        var key = setup.Body.Split("class=\"key\">")[1].Split('<')[0].Replace(" ", "", StringComparison.Ordinal);
        Assert.Contains("<svg", setup.Body, StringComparison.Ordinal);

        var wrong = await client.SubmitAsync(setup, "/app/two-factor?handler=Enable", ("Code", "000000"));
        Assert.Contains("This code is wrong or no longer valid.", wrong.Body, StringComparison.Ordinal);
        var enabled = await client.SubmitAsync(wrong, "/app/two-factor?handler=Enable", ("Code", await Totp.NowAsync(key)));
        var page = await DirectusAccountSite.FollowAsync(client, enabled);
        Assert.Contains("Two-step sign-in is on.", page.Body, StringComparison.Ordinal);
        return key;
    }

    /// <summary>The session of this browser continues with the refresh token that it has, and at Directus it is the only one.</summary>
    private async Task GoesOnAsync(SiteClient client, DirectusUser user, string email)
    {
        await site.UntilExpiredAsync(client);
        await ShowsAccountAsync(client, email);
        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
    }

    private async Task ShowsAccountAsync(SiteClient client, string email)
    {
        var app = await client.GetAsync("/app");
        Assert.True(app.Status is HttpStatusCode.OK, $"{app}\n{site.Output}");
        Assert.Contains(email, app.Body, StringComparison.Ordinal);
    }

    private static async Task IsSignedOutAsync(SiteClient client)
    {
        var app = await client.GetAsync("/app");
        Assert.True(app.IsRedirect && app.Location!.Contains("/login", StringComparison.Ordinal), $"{app}");
    }
}
