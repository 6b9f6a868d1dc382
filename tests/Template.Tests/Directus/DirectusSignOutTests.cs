using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>No test can read the refresh token in the encrypted ticket. But the database of Directus has the same token, so a test can send
/// it after the sign-out and check the answer of Directus.</summary>
[Collection(typeof(DirectusCollection))]
public sealed class DirectusSignOutTests(DirectusSite site)
{
    [Fact]
    public async Task Signing_out_on_the_page_revokes_the_refresh_token_and_takes_all_cookies()
    {
        var (user, client) = await site.SignedInAsync();
        var refreshToken = Assert.Single(await site.Directus.RefreshTokensOfAsync(user));

        var answer = await client.SubmitAsync("/logout");

        Assert.True(answer.IsRedirect, $"{answer}");
        await AssertGoneAsync(user, client, refreshToken);
    }

    [Fact]
    public async Task Signing_out_by_the_endpoint_revokes_the_refresh_token_and_takes_all_cookies()
    {
        var (user, client) = await site.SignedInAsync();
        var refreshToken = Assert.Single(await site.Directus.RefreshTokensOfAsync(user));

        var answer = await client.FetchAsync("/api/auth/logout");

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        await AssertGoneAsync(user, client, refreshToken);
    }

    [Fact]
    public async Task Signing_out_with_an_older_cookie_revokes_the_newest_refresh_token()
    {
        var (user, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);
        var older = client.Copy();
        await client.GetAsync("/app");
        var newest = Assert.Single(await site.Directus.RefreshTokensOfAsync(user));

        var answer = await older.FetchAsync("/api/auth/logout");

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        await AssertGoneAsync(user, older, newest);
        Assert.True((await client.GetAsync("/app")).IsRedirect, "the cookies of the other tab are refused as well");
    }

    [Fact]
    public async Task Cookies_copied_before_the_sign_out_are_refused_afterwards()
    {
        var (_, client) = await site.SignedInAsync();
        var copied = client.Copy();
        await client.SubmitAsync("/logout");

        Assert.StartsWith("/login", (await copied.GetAsync("/app")).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_of_one_browser_leaves_the_other_signed_in()
    {
        var (user, client) = await site.SignedInAsync();
        var other = await site.SignInAsync(user);

        await client.SubmitAsync("/logout");

        await site.UntilExpiredAsync(other);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/app")).Status);
        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
    }

    [Fact]
    public async Task Opening_the_address_of_the_sign_out_changes_nothing()
    {
        var (user, client) = await site.SignedInAsync();

        Assert.Equal("/logout", (await client.GetAsync("/api/auth/logout")).Location);
        await client.GetAsync("/logout");

        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/app")).Status);
    }

    private async Task AssertGoneAsync(DirectusUser user, SiteClient client, string refreshToken)
    {
        Assert.Empty(await site.Directus.RefreshTokensOfAsync(user));
        Assert.Null(await site.Directus.Api.RefreshAsync(refreshToken));
        Assert.Empty(client.SessionCookies);
        Assert.StartsWith("/login", (await client.GetAsync("/app")).Location, StringComparison.Ordinal);
    }
}
