using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>
/// If parallel refreshes send the same token, Directus answers each with 200, but only one of the new tokens is valid. The damage shows one
/// lifetime of an access token later. Therefore "all pages were served" proves nothing until the session has survived its next expiry.
/// </summary>
[Collection(typeof(DirectusCollection))]
public sealed class DirectusParallelTests(DirectusSite site, ITestOutputHelper output)
{
    private const int Rounds = 50;
    private const int Few = 10;
    private const int Tabs = 20;

    [Fact]
    public async Task Fifty_rounds_of_twenty_parallel_pages_cost_fifty_refreshes_and_no_session()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var browsers = await SignInAsync(user);
        foreach (var browser in browsers)
            await site.UntilExpiredAsync(browser);
        var before = await site.Directus.RefreshCallsAsync();

        var kept = new List<SiteClient>();
        for (var round = 0; round < Rounds; round++)
            kept.Add(await WakeAllTabsAsync(user, browsers[round], round));

        var refreshes = await site.Directus.RefreshCallsAsync() - before;

        foreach (var browser in kept)
            await AssertRefreshesAtNextExpiryAsync(user, browser);

        Assert.Equal(Rounds, refreshes);
        Assert.Equal(2 * Rounds, await site.Directus.RefreshCallsAsync() - before);
        Assert.Equal(Rounds, (await site.Directus.RefreshTokensOfAsync(user)).Count);
    }

    [Fact]
    public async Task A_few_such_rounds_directly_against_Directus_leave_invalid_tokens()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var (given, alive) = (0, 0);
        for (var round = 0; round < Few; round++)
        {
            var tokens = await site.Directus.Api.SignInAsync(user);
            var answers = await Task.WhenAll(Enumerable.Range(0, Tabs).Select(_ => site.Directus.Api.RefreshAsync(tokens!.RefreshToken)));
            var successors = answers.OfType<DirectusTokens>().ToList();
            given += successors.Count;
            foreach (var successor in successors)
                alive += await site.Directus.Api.RefreshAsync(successor.RefreshToken) is null ? 0 : 1;
        }

        output.WriteLine($"{Few} rounds of {Tabs}: Directus gave {given} successors, {alive} of them alive.");
        Assert.True(given > alive, "Directus kept its promises: these tests would not notice a site that refreshes twice.");
    }

    /// <summary>Every tab sends the expired cookies. In reality, chance decides which answer the browser keeps; here, the number of the
    /// round does.</summary>
    private static async Task<SiteClient> WakeAllTabsAsync(DirectusUser user, SiteClient browser, int round)
    {
        // In every second round, the tabs wake one after the other, so that some requests arrive after the refresh.
        var stagger = TimeSpan.FromMilliseconds(round % 2 * 15);
        var tabs = Enumerable.Range(0, Tabs).Select(_ => browser.Copy()).ToList();
        var answers = await Task.WhenAll(
            tabs.Select(
                async (tab, i) =>
                {
                    await Task.Delay(stagger * i);
                    return await tab.GetAsync("/app");
                }
            )
        );

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(answers, answer => Assert.Contains(user.Email, answer.Body, StringComparison.Ordinal));
        Assert.Single(tabs.Select(tab => tab.AccessToken).Distinct());
        return tabs[round % Tabs];
    }

    private async Task AssertRefreshesAtNextExpiryAsync(DirectusUser user, SiteClient browser)
    {
        await site.UntilExpiredAsync(browser);
        var app = await browser.GetAsync("/app");
        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Contains(user.Email, app.Body, StringComparison.Ordinal);
        Assert.True(await site.Directus.Api.AcceptsAsync(browser.AccessToken!));
    }

    private async Task<IReadOnlyList<SiteClient>> SignInAsync(DirectusUser user)
    {
        var browsers = new List<SiteClient>();
        foreach (var few in Enumerable.Range(0, Rounds).Chunk(4))
            browsers.AddRange(await Task.WhenAll(few.Select(_ => site.SignInAsync(user))));
        return browsers;
    }
}
