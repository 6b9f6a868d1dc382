using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The names of the three cookies of a session can be set.</summary>
public sealed class CookieNameTests
{
    private const string Ticket = "project_refresh_token",
        Token = "project_token",
        Session = "project_session";

    private static readonly string User = TestSite.CookiePrefix + "_user";

    public static TheoryData<bool> InProduction => [false, true];

    [Theory, MemberData(nameof(InProduction))]
    public async Task A_sign_in_sets_them_a_refresh_renews_them_and_a_sign_out_deletes_them(bool inProduction)
    {
        await using var site = NewSite(inProduction);
        string[] names = [inProduction ? "__Host-" + Ticket : Ticket, Session, Token, User];
        var browser = site.NewBrowser();

        Assert.Equal(names.Order(StringComparer.Ordinal), NamesIn(await browser.SignInAsync()));

        site.ExpireAccessTokens();
        Assert.Equal(names.Order(StringComparer.Ordinal), NamesIn(await browser.GetAsync("/app")));
        Assert.Equal(1, site.RefreshCalls);

        Assert.Equal(names.Order(StringComparer.Ordinal), NamesIn(await browser.SignOutAsync()));
        Assert.Empty(browser.Cookies);
    }

    [Theory, MemberData(nameof(InProduction))]
    public async Task Scripts_read_their_names_in_every_page(bool inProduction)
    {
        await using var site = NewSite(inProduction);
        var browser = await site.NewSignedInBrowserAsync();
        foreach (var page in new[] { await site.NewBrowser().GetAsync("/login"), await browser.GetAsync("/app") })
        {
            var html = await page.Content.ReadAsStringAsync();
            Assert.Contains($"data-token-cookie=\"{Token}\"", html, StringComparison.Ordinal);
            Assert.Contains($"data-session-cookie=\"{Session}\"", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Setting_one_name_does_not_change_the_others()
    {
        await using var site = new TestSite().With("TokenSession:AccessTokenCookie", Token);
        Assert.Equal(
            new[] { Token, TestSite.CookiePrefix + "_refresh_token", TestSite.CookiePrefix + "_session", User }.Order(
                StringComparer.Ordinal
            ),
            NamesIn(await site.NewBrowser().SignInAsync())
        );
    }

    private static IEnumerable<string> NamesIn(HttpResponseMessage response) =>
        TestBrowser.SetCookies(response).Select(cookie => cookie.Name.ToString()).Order(StringComparer.Ordinal);

    private static TestSite NewSite(bool inProduction) =>
        (inProduction ? TestSite.InProduction() : new TestSite())
            .With("TokenSession:RefreshTokenCookie", Ticket)
            .With("TokenSession:AccessTokenCookie", Token)
            .With("TokenSession:SessionCookie", Session);
}
