using System.Net;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusSuspensionTests(DirectusSite site)
{
    [Fact]
    public async Task A_suspended_user_is_sent_to_sign_in_once_and_loses_all_cookies()
    {
        var (user, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);
        await site.Directus.Api.SuspendAsync(user);
        var before = await site.Directus.RefreshCallsAsync();

        var app = await client.GetAsync("/app");

        Assert.True(app.IsRedirect, $"{app}");
        Assert.StartsWith("/login", app.Location, StringComparison.Ordinal);
        Assert.Empty(client.SessionCookies);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(app.Location!)).Status);
        Assert.Equal(before + 1, await site.Directus.RefreshCallsAsync());
    }

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
}
