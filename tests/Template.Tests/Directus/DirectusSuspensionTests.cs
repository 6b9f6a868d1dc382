using System.Net;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusSuspensionTests(DirectusSite site)
{
    [Fact]
    public Task A_suspended_user_is_redirected_to_the_login_page_once_and_loses_all_cookies() =>
        AssertEndsAsync(site.Directus.Api.SuspendAsync);

    [Fact]
    public Task A_user_locked_out_by_wrong_passwords_is_redirected_to_the_login_page_once_and_loses_all_cookies() =>
        AssertEndsAsync(site.Directus.Api.LockOutAsync);

    [Fact]
    public async Task Cookies_copied_before_the_suspension_cost_Directus_no_further_call()
    {
        var (user, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);
        var copied = client.Copy();
        await site.Directus.Api.SuspendAsync(user);
        await client.GetAsync("/app");
        var before = await site.Directus.RefreshCallsAsync();

        var app = await copied.GetAsync("/app");

        Assert.StartsWith("/login", app.Location, StringComparison.Ordinal);
        Assert.Equal(before, await site.Directus.RefreshCallsAsync());
    }

    private async Task AssertEndsAsync(Func<DirectusUser, Task> suspend)
    {
        var (user, client) = await site.SignedInAsync();
        await suspend(user);
        await site.UntilExpiredAsync(client);
        var before = await site.Directus.RefreshCallsAsync();

        var app = await client.GetAsync("/app");

        Assert.True(app.IsRedirect, $"{app}");
        Assert.StartsWith("/login", app.Location, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(app.Location!)).Status);
        Assert.Equal(before + 1, await site.Directus.RefreshCallsAsync());
    }
}
