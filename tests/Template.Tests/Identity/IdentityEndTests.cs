using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>The ends of a session: the sign-out, a changed security stamp, and the deletion of the user.</summary>
[Collection(typeof(IdentityCollection))]
public sealed class IdentityEndTests(IdentitySite site)
{
    [Fact]
    public async Task Signing_out_on_the_page_takes_all_cookies_and_the_pages_are_restricted_again()
    {
        var (_, client) = await site.SignedInAsync();

        var answer = await client.SubmitAsync("/logout");

        Assert.True(answer.IsRedirect, $"{answer}");
        await AssertSignedOutAsync(client);
    }

    [Fact]
    public async Task Signing_out_by_the_endpoint_does_the_same()
    {
        var (_, client) = await site.SignedInAsync();

        var answer = await client.FetchAsync("/api/auth/logout");

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        await AssertSignedOutAsync(client);
    }

    [Fact]
    public async Task Cookies_copied_before_the_sign_out_are_refused_and_never_reach_the_backend()
    {
        var (_, client) = await site.SignedInAsync();
        var copied = client.Copy();
        var before = await site.RefreshCallsAsync();

        await client.SubmitAsync("/logout");

        Assert.StartsWith("/login", (await copied.GetAsync("/app")).Location, StringComparison.Ordinal);
        await site.UntilExpiredAsync(copied);
        Assert.StartsWith("/login", (await copied.GetAsync("/app")).Location, StringComparison.Ordinal);
        Assert.Equal(before, await site.RefreshCallsAsync());
    }

    /// <summary>What docs/security.md says about a sign-out.</summary>
    [Fact]
    public async Task A_new_process_refuses_a_ticket_that_was_copied_before_the_sign_out()
    {
        var (_, client) = await site.SignedInAsync();
        var copied = client.Copy();
        await client.SubmitAsync("/logout");

        await using var restarted = await site.StartNodeAsync(site.Backend);

        Assert.StartsWith("/login", (await copied.Copy(restarted.BaseAddress).GetAsync("/app")).Location, StringComparison.Ordinal);
    }

    /// <summary>What docs/security.md says about the backend itself.</summary>
    [Fact]
    public async Task At_the_backend_a_refresh_token_stays_valid_until_the_security_stamp_changes_even_if_the_user_is_locked_out()
    {
        var email = await site.CreateUserAsync();
        var refreshToken = await site.Api.SignInAsync(email, IdentitySite.Password);

        Assert.Equal(HttpStatusCode.OK, await site.Api.RefreshAsync(refreshToken));
        await site.Backend.ControlAsync($"block/{email}");
        Assert.Equal(HttpStatusCode.OK, await site.Api.RefreshAsync(refreshToken));

        await site.Backend.ControlAsync($"stamp/{email}");
        Assert.Equal(HttpStatusCode.Unauthorized, await site.Api.RefreshAsync(refreshToken));
    }

    [Fact]
    public async Task Signing_out_of_one_browser_leaves_the_other_signed_in()
    {
        var (email, client) = await site.SignedInAsync();
        var other = await site.SignInAsync(email);

        await client.SubmitAsync("/logout");

        await site.UntilExpiredAsync(other);
        await site.AssertSignedInAsync(other, email);
    }

    [Fact]
    public async Task A_changed_security_stamp_signs_out_when_the_access_token_expires()
    {
        var (email, client) = await site.SignedInAsync();
        await site.Backend.ControlAsync($"stamp/{email}");
        await site.AssertSignedInAsync(client, email);
        await site.UntilExpiredAsync(client);
        var copied = client.Copy();
        var before = await site.RefreshCallsAsync();

        await AssertSignedOutAsync(client);
        await AssertSignedOutAsync(copied);

        Assert.Equal(before + 1, await site.RefreshCallsAsync());
    }

    [Fact]
    public async Task A_deleted_user_is_signed_out_before_the_access_token_expires()
    {
        // A sign-out after the access token has expired proves nothing. In that case, the test deletes another user.
        await Eventually.TrueAsync(
            async () =>
            {
                var (email, client) = await site.SignedInAsync();
                await site.Backend.ControlAsync($"delete/{email}");
                var expiry = client.Expiry;

                await AssertSignedOutAsync(client);

                return DateTimeOffset.UtcNow < expiry;
            },
            "a sign-out before the access token expires"
        );
    }

    /// <summary>The next page redirects to the login page, which this browser can open, and the cookies of the session are
    /// deleted.</summary>
    private static async Task AssertSignedOutAsync(SiteClient client)
    {
        var app = await client.GetAsync("/app");
        Assert.True(app.IsRedirect, $"{app}");
        Assert.StartsWith("/login", app.Location, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(app.Location!)).Status);
    }
}
