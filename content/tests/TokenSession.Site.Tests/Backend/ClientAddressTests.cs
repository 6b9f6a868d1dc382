using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The address and the user agent of a client reach the backend only if a setting is true.</summary>
public sealed class ClientAddressTests
{
    private readonly ItemsBackend backend = new();

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7"), InlineData("::ffff:192.0.2.7", "192.0.2.7"), InlineData("2001:db8::7", "2001:db8::7")]
    public async Task With_the_setting_every_call_of_a_request_names_its_client(string address, string forwarded)
    {
        await using var site = NewSite().With("Backend:ForwardClientAddress", "true");
        var browser = (await site.NewSignedInBrowserAsync()).From(address);

        foreach (var path in new[] { "/item", "/public", "/api/backend/items" })
        {
            await browser.GetAsync(path, ("User-Agent", "A browser/1.0"), ("X-Forwarded-For", "203.0.113.9"));

            var headers = backend.Calls[^1].Headers;
            Assert.Equal(forwarded, headers["X-Forwarded-For"]);
            Assert.Equal("A browser/1.0", headers["User-Agent"]);
        }
    }

    [Fact]
    public async Task Without_the_setting_no_call_does()
    {
        await using var site = NewSite();
        var browser = (await site.NewSignedInBrowserAsync()).From("192.0.2.7");

        foreach (var path in new[] { "/item", "/public", "/api/backend/items" })
        {
            await browser.GetAsync(path, ("User-Agent", "A browser/1.0"), ("X-Forwarded-For", "203.0.113.9"));

            Assert.DoesNotContain("X-Forwarded-For", backend.Calls[^1].Headers.Keys);
            Assert.DoesNotContain("User-Agent", backend.Calls[^1].Headers.Keys);
        }
    }

    [Fact]
    public async Task A_user_agent_that_cannot_be_sent_is_left_out()
    {
        await using var site = NewSite().With("Backend:ForwardClientAddress", "true");
        var browser = (await site.NewSignedInBrowserAsync()).From("192.0.2.7");

        var request = new HttpRequestMessage(HttpMethod.Get, "/item");
        request.Headers.TryAddWithoutValidation("User-Agent", "Br\u00e9wser");
        (await browser.SendAsync(request)).EnsureSuccessStatusCode();

        Assert.Equal("192.0.2.7", backend.Calls[^1].Headers["X-Forwarded-For"]);
        Assert.DoesNotContain("User-Agent", backend.Calls[^1].Headers.Keys);
    }

    private TestSite NewSite() => backend.NewSite().With("Backend:ProxyPrefixes:0", "/items");
}
