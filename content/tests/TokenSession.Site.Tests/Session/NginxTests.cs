using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Behind an nginx with default settings, whose buffer for the header of a response is one page of memory: 4,096 bytes.</summary>
public sealed class NginxTests
{
    [NginxTheory]
    [InlineData(400), InlineData(1_200)]
    public async Task Users_sign_in_through_it(int accessToken)
    {
        await using var site = new RealSite();
        await site.IssueAccessTokensOfAsync(accessToken);
        await using var nginx = await NginxServer.StartAsync(site.Address);

        (await site.SignInAsync(onThePage: false, nginx.Address)).ShouldBe(HttpStatusCode.OK);
        (await site.SignInAsync(onThePage: true, nginx.Address)).ShouldBe(HttpStatusCode.Redirect);
        var browser = site.NewBrowser(nginx.Address);
        await browser.SignInAsync(rememberMe: true);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await browser.RefreshAsync()).ShouldBe(HttpStatusCode.OK);
        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }

    [NginxTheory]
    [InlineData(false), InlineData(true)]
    public async Task The_site_warns_before_it_answers_502(bool onThePage)
    {
        await using var site = new RealSite();
        await using var nginx = await NginxServer.StartAsync(site.Address);
        for (var accessToken = 1_200; accessToken < 2_000; accessToken += 20)
        {
            await site.IssueAccessTokensOfAsync(accessToken);
            if ((await site.SignInAsync(onThePage, nginx.Address)).StatusCode is HttpStatusCode.BadGateway)
            {
                Assert.Contains(site.Log.Entries, HasWarned);
                return;
            }

            // The warning must not come long before the limit either.
            Assert.True(accessToken > 1_300 || !site.Log.Entries.Any(HasWarned));
        }

        Assert.Fail("nginx never answered 502.");
    }

    /// <summary><c>SessionLog.CookiesTooLarge</c> warns of this case.</summary>
    [NginxTheory]
    [InlineData(false), InlineData(true)]
    public async Task With_an_access_token_of_6_kB_it_answers_502_and_the_site_warns(bool onThePage)
    {
        await using var site = new RealSite();
        await site.IssueAccessTokensOfAsync(6_000);
        await using var nginx = await NginxServer.StartAsync(site.Address);

        (await site.SignInAsync(onThePage, nginx.Address)).ShouldBe(HttpStatusCode.BadGateway);

        Assert.Contains("upstream sent too big header", nginx.Errors, StringComparison.Ordinal);
        Assert.Contains(site.Log.Entries, HasWarned);
    }

    private static bool HasWarned(LogRecorder.Entry entry) => entry.Message.Contains("proxy_buffer_size", StringComparison.Ordinal);
}
