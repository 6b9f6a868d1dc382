using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>How often a request reads the token family store, which several nodes share over a network.</summary>
public sealed class StoreReadsTests
{
    [Theory]
    [InlineData("/"), InlineData("/app"), InlineData("/login"), InlineData("/api/auth/refresh")]
    public async Task A_request_on_a_fresh_session_reads_the_store_once(string path)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        await browser.GetAsync("/");

        // This is the second request of the new generation. The first request records that the browser has the new cookie.
        for (var request = 0; request < 2; request++)
        {
            Assert.Equal(
                1,
                await ReadsAsync(
                    site,
                    () => path.StartsWith("/api", StringComparison.Ordinal) ? browser.RefreshAsync() : browser.GetAsync(path)
                )
            );
        }
    }

    [Theory]
    [InlineData("/"), InlineData("/app")]
    public async Task A_session_without_a_token_family_is_read_once_too(string path)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal(1, await ReadsAsync(site, () => browser.GetAsync(path)));
    }

    [Theory]
    [InlineData("/", 61), InlineData("/app", 61), InlineData("/", 100_000), InlineData("/app", 100_000)]
    public async Task A_request_that_refreshes_reads_the_store_at_most_four_times(string path, int secondsLater)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        for (var refresh = 1; refresh <= 3; refresh++)
        {
            site.Time.Advance(TimeSpan.FromSeconds(secondsLater));

            Assert.InRange(await ReadsAsync(site, () => browser.GetAsync(path)), 2, 4);

            Assert.Equal(refresh, site.RefreshCalls);
            Assert.Equal(site.Time.GetUtcNow(), site.TicketOf(browser)!.LastActive);
        }
    }

    [Fact]
    public async Task A_request_that_only_moves_the_idle_clock_reads_the_store_at_most_three_times()
    {
        await using var site = new TestSite();
        site.Backend.AccessTokenLifetime = TimeSpan.FromDays(3);
        var browser = await site.NewSignedInBrowserAsync();
        for (var day = 0; day < 2; day++)
        {
            site.Time.Advance(TimeSpan.FromDays(0.5));
            Assert.InRange(await ReadsAsync(site, () => browser.GetAsync("/app")), 2, 3);
            Assert.Equal(site.Time.GetUtcNow(), site.TicketOf(browser)!.LastActive);
        }
    }

    [Fact]
    public async Task A_guest_reads_nothing()
    {
        await using var site = new TestSite();
        Assert.Equal(0, await ReadsAsync(site, () => site.NewBrowser().GetAsync("/")));
    }

    private static async Task<int> ReadsAsync(TestSite site, Func<Task<HttpResponseMessage>> send)
    {
        var before = site.Families.Reads;
        Assert.True((await send()).StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect);
        return site.Families.Reads - before;
    }
}
