using System.Net;

namespace Template.Tests.Directus;

/// <summary>Directus answers 403 INVALID_TOKEN to an access token that it signed with its old secret. This means "refresh", and not
/// "forbidden".</summary>
[Collection(typeof(DirectusCollection))]
public sealed class DirectusSecretTests(DirectusSite site) : IAsyncLifetime
{
    // Long, so that the tokens do not expire while Directus starts: the site must still consider them fresh when Directus does not.
    private static readonly (string, string) LongLife = ("ACCESS_TOKEN_TTL", "15m");
    private static readonly (string, string) NewSecret = ("SECRET", "another-secret-0123456789abcdef0123456789abcdef");

    public async ValueTask InitializeAsync() => await RestartAsync(LongLife);

    public async ValueTask DisposeAsync() => await RestartAsync();

    [Fact]
    public async Task A_new_secret_of_Directus_costs_one_refresh_and_no_session()
    {
        var (user, client) = await site.SignedInAsync();
        await RestartAsync(LongLife, NewSecret);
        var before = await site.Directus.RefreshCallsAsync();

        var app = await client.GetAsync("/app");

        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Contains(user.Email, app.Body, StringComparison.Ordinal);
        Assert.Equal(before + 1, await site.Directus.RefreshCallsAsync());
        // The first call of a page asks whether the user must set up a second factor.
        Assert.Contains(await site.Directus.CallsAsync(), call => call.Status == 403 && call.Is("GET", "/policies/me/globals"));
        Assert.True(await site.Directus.Api.AcceptsAsync(client.AccessToken!));
    }

    private async Task RestartAsync(params (string, string)[] settings)
    {
        await site.Directus.StopAsync();
        await site.Directus.StartAsync(settings);
    }
}
