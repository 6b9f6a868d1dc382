using System.Net;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The client for data that all visitors may see.</summary>
public sealed class PublicApiTests
{
    private readonly ItemsBackend backend = new();

    [Theory, InlineData(null), InlineData("of-the-site")]
    public async Task It_sends_the_token_of_the_site_or_none_and_never_a_users(string? token)
    {
        await using var site = NewSite(token);
        var user = await site.NewSignedInBrowserAsync();
        await user.GetAsync("/item");
        Assert.Equal(site.TicketOf(user)!.Tokens.AccessToken, backend.Calls[^1].Token);

        foreach (var browser in new[] { site.NewBrowser(), user })
        {
            (await browser.GetAsync("/public")).ShouldBe(HttpStatusCode.OK);
            Assert.Equal(token, backend.Calls[^1].Token);
            Assert.DoesNotContain("Cookie", backend.Calls[^1].Headers.Keys);
        }
    }

    [Fact]
    public async Task A_refused_token_of_the_site_is_an_error_of_the_site_and_no_reason_to_sign_in()
    {
        await using var site = NewSite("of-the-site");
        backend.Answer = (_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized));

        foreach (var browser in new[] { site.NewBrowser(), await site.NewSignedInBrowserAsync() })
        {
            (await browser.GetAsync("/public", ("Accept", "text/html"))).ShouldBe(HttpStatusCode.InternalServerError);
        }

        Assert.Equal((0, 2), (site.RefreshCalls, site.Log.Entries.Count(entry => entry.Level is LogLevel.Error)));
        Assert.DoesNotContain(
            site.Log.Entries,
            entry => $"{entry.Message} {entry.Exception}".Contains("of-the-site", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Guests_see_public_content_while_users_cannot_sign_in()
    {
        await using var site = NewSite(null);
        var user = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        foreach (var browser in new[] { site.NewBrowser(), user })
        {
            (await browser.GetAsync("/public")).ShouldBe(HttpStatusCode.OK);
        }
    }

    private TestSite NewSite(string? token) => token is null ? backend.NewSite() : backend.NewSite().With("Backend:PublicToken", token);
}
