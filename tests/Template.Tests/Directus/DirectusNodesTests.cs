using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>Three processes of one site, on one Redis and a real Directus: each token is exchanged once, no matter which node gets the
/// request.</summary>
[Collection(typeof(DirectusCollection))]
public sealed class DirectusNodesTests(DirectusSite site)
{
    private const int Rounds = 10;
    private const int Tabs = 20;

    [Fact]
    public async Task Ten_rounds_of_twenty_pages_at_three_nodes_cost_ten_refreshes_and_no_session()
    {
        await using var redis = await RedisProcess.StartAsync();
        var shared = ("ConnectionStrings__Redis", redis.Address);
        await using var first = await site.StartNodeAsync(shared);
        await using var second = await site.StartNodeAsync(shared);
        await using var third = await site.StartNodeAsync(shared);
        RunningSite[] nodes = [first, second, third];
        var user = await site.Directus.Api.CreateUserAsync();
        var browsers = new List<SiteClient>();
        for (var round = 0; round < Rounds; round++)
            browsers.Add(await nodes[round % 3].SignInAsync(DirectusSite.CookiePrefix, user.Email, user.Password));
        foreach (var browser in browsers)
            await site.UntilExpiredAsync(browser);
        var before = await site.Directus.RefreshCallsAsync();

        var kept = new List<SiteClient>();
        foreach (var browser in browsers)
        {
            var tabs = Enumerable.Range(0, Tabs).Select(tab => browser.Copy(nodes[tab % 3].BaseAddress)).ToList();
            var answers = await Task.WhenAll(tabs.Select(tab => tab.GetAsync("/app")));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            Assert.Single(tabs.Select(tab => tab.AccessToken).Distinct());
            kept.Add(tabs[kept.Count]);
        }

        Assert.Equal(Rounds, await site.Directus.RefreshCallsAsync() - before);
        foreach (var browser in kept)
        {
            await site.UntilExpiredAsync(browser);
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/app")).Status);
        }

        Assert.Equal(2 * Rounds, await site.Directus.RefreshCallsAsync() - before);
        Assert.Equal(Rounds, (await site.Directus.RefreshTokensOfAsync(user)).Count);
    }
}
