using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

[Collection(typeof(IdentityCollection))]
public sealed class IdentityRefreshTests(IdentitySite site)
{
    private const int Rounds = 5;
    private const int Tabs = 20;

    [Fact]
    public async Task Twenty_parallel_pages_on_an_expired_session_cost_one_refresh()
    {
        var email = await site.CreateUserAsync();
        var browsers = new List<SiteClient>();
        for (var round = 0; round < Rounds; round++)
            browsers.Add(await site.SignInAsync(email));
        foreach (var browser in browsers)
            await site.UntilExpiredAsync(browser);
        var before = await site.RefreshCallsAsync();

        foreach (var browser in browsers)
        {
            var tabs = Enumerable.Range(0, Tabs).Select(_ => browser.Copy()).ToList();
            var answers = await Task.WhenAll(tabs.Select(tab => tab.GetAsync("/app")));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            Assert.All(answers, answer => Assert.Contains(email, answer.Body, StringComparison.Ordinal));
            Assert.Single(tabs.Select(tab => tab.AccessToken).Distinct());
        }

        Assert.Equal(Rounds, await site.RefreshCallsAsync() - before);
    }

    [Fact]
    public async Task A_session_outlives_its_access_tokens_with_one_refresh_for_each()
    {
        var (email, client) = await site.SignedInAsync();
        var before = await site.RefreshCallsAsync();

        for (var refreshes = 1; refreshes <= 2; refreshes++)
        {
            var expired = client.AccessToken;
            await site.UntilExpiredAsync(client);

            await site.AssertSignedInAsync(client, email);

            Assert.NotEqual(expired, client.AccessToken);
            Assert.Equal(before + refreshes, await site.RefreshCallsAsync());
        }
    }

    [Fact]
    public async Task A_fresh_session_costs_no_refresh_and_no_cookie()
    {
        var (_, client) = await site.SignedInAsync();
        var before = await site.RefreshCallsAsync();

        var app = await client.GetAsync("/app");

        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Empty(app.SetCookies);
        Assert.Equal(before, await site.RefreshCallsAsync());
    }
}
