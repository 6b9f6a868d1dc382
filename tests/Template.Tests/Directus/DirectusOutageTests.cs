using System.Net;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusOutageTests(DirectusSite site)
{
    [Fact]
    public async Task Directus_down_costs_a_503_and_not_the_session()
    {
        var (user, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);
        var ticket = client.Ticket;

        SiteAnswer page, endpoint;
        await using (await DownAsync())
        {
            page = await client.GetAsync("/app");
            endpoint = await client.FetchAsync("/api/auth/refresh");
        }

        foreach (var answer in new[] { page, endpoint })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.NotNull(answer.RetryAfter);
        }
        Assert.Equal(ticket, client.Ticket);
        await AssertServedAgainAsync(user, client);
    }

    [Fact]
    public async Task Public_pages_work_while_Directus_is_down()
    {
        var (_, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);

        await using (await DownAsync())
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).Status);
    }

    [Fact]
    public async Task Signing_in_while_Directus_is_down_says_so_and_keeps_the_e_mail()
    {
        var user = await site.Directus.Api.CreateUserAsync();
        var client = new SiteClient(site.BaseAddress);

        SiteAnswer page, endpoint;
        await using (await DownAsync())
        {
            page = await client.SubmitAsync("/login", ("Email", user.Email), ("Password", user.Password));
            endpoint = await client.FetchAsync("/api/auth/login", new { email = user.Email, password = user.Password });
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, endpoint.Status);
        Assert.False(page.IsRedirect);
        Assert.Contains($"value=\"{user.Email}\"", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_while_Directus_is_down_takes_the_cookies_all_the_same()
    {
        var (_, client) = await site.SignedInAsync();
        var copied = client.Copy();

        await using (await DownAsync())
            Assert.Equal(HttpStatusCode.NoContent, (await client.FetchAsync("/api/auth/logout")).Status);

        Assert.Empty(client.SessionCookies);
        Assert.StartsWith("/login", (await copied.GetAsync("/app")).Location, StringComparison.Ordinal);
    }

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

    /// <summary>The cool-down of the outage may last a moment longer than the outage.</summary>
    private static async Task AssertServedAgainAsync(DirectusUser user, SiteClient client)
    {
        SiteAnswer? app = null;
        await Eventually.TrueAsync(
            async () => (app = await client.GetAsync("/app")).Status != HttpStatusCode.ServiceUnavailable,
            "the site serves the page again"
        );
        Assert.Equal(HttpStatusCode.OK, app?.Status);
        Assert.Contains(user.Email, app!.Body, StringComparison.Ordinal);
    }

    private async Task<Outage> DownAsync()
    {
        await site.Directus.StopAsync();
        return new Outage(site.Directus);
    }

    /// <summary>Ends when disposed, whatever the test found: the next test needs Directus.</summary>
    private sealed class Outage(DirectusServer directus) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await directus.StartAsync();
    }
}
