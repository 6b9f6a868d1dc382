using System.Net;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusRefreshTests(DirectusSite site)
{
    [Fact]
    public async Task A_page_after_expiry_is_served_with_new_tokens()
    {
        var (user, client) = await site.SignedInAsync();
        var first = client.AccessToken;
        await site.UntilExpiredAsync(client);

        var app = await client.GetAsync("/app");

        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Contains(user.Email, app.Body, StringComparison.Ordinal);
        Assert.NotEqual(first, client.AccessToken);
        Assert.True(await site.Directus.Api.AcceptsAsync(client.AccessToken!));
    }

    [Fact]
    public async Task The_refresh_endpoint_after_expiry_sets_new_tokens()
    {
        var (_, client) = await site.SignedInAsync();
        var first = client.AccessToken;
        await site.UntilExpiredAsync(client);

        var answer = await client.FetchAsync("/api/auth/refresh");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.NotEqual(first, client.AccessToken);
        Assert.True(await site.Directus.Api.AcceptsAsync(client.AccessToken!));
    }

    [Fact]
    public async Task A_session_outlives_many_access_tokens_and_stays_one_session_at_Directus()
    {
        var (user, client) = await site.SignedInAsync();

        for (var i = 0; i < 3; i++)
        {
            await site.UntilExpiredAsync(client);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/app")).Status);
        }

        Assert.Single(await site.Directus.RefreshTokensOfAsync(user));
    }

    [Fact]
    public async Task A_fresh_session_costs_no_refresh_and_no_cookie()
    {
        var (_, client) = await site.SignedInAsync();
        var before = await site.Directus.RefreshCallsAsync();

        var app = await client.GetAsync("/app");

        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Empty(app.SetCookies);
        Assert.Equal(before, await site.Directus.RefreshCallsAsync());
    }

    [Fact]
    public async Task After_a_lost_answer_the_session_continues()
    {
        var (_, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);
        await client.Copy().GetAsync("/app");
        var before = await site.Directus.RefreshCallsAsync();

        // The browser never got that answer, so it sends the old cookies again.
        var app = await client.GetAsync("/app");
        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Equal(before, await site.Directus.RefreshCallsAsync());

        await site.UntilExpiredAsync(client);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/app")).Status);
    }

    [Fact]
    public async Task Login_refresh_and_logout_reach_Directus_without_an_Authorization_header()
    {
        var (_, client) = await site.SignedInAsync();
        await site.UntilExpiredAsync(client);
        await client.GetAsync("/app");
        await client.FetchAsync("/api/auth/logout");

        var calls = await site.Directus.CallsAsync();

        foreach (var path in new[] { "/auth/login", "/auth/refresh", "/auth/logout" })
        {
            var asked = calls.Where(call => call.Is("POST", path)).ToList();
            Assert.NotEmpty(asked);
            Assert.DoesNotContain(asked, call => call.HasAuthorization);
        }
    }
}
