using System.Net;
using Tests.Infrastructure;

namespace Tests.Pages;

public sealed class PageNameTests
{
    private const string Address = "/PageName";

#if (restrict == "signed-in")
    [Fact]
    public async Task Guests_are_redirected_to_the_login_page_and_back()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();

        var login = (await browser.GetAsync(Address)).Headers.Location!.OriginalString;
        var back = await browser.FillInAsync(login, ("Email", DemoBackend.Email), ("Password", DemoBackend.Password));

        Assert.StartsWith(site.AddressOf(site.Options.LoginPage), login);
        (await browser.GetAsync(back.Headers.Location!.OriginalString)).ShouldBe(HttpStatusCode.OK);
    }

#elseif (restrict == "guests")
    [Fact]
    public async Task Signed_in_users_are_redirected()
    {
        await using var site = new TestSite();
        (await (await site.NewSignedInBrowserAsync()).GetAsync(Address)).ShouldRedirectTo(site.AddressOf(site.Options.HomePage));
    }

    [Fact]
    public async Task Guests_see_it()
    {
        await using var site = new TestSite();
        (await site.NewBrowser().GetAsync(Address)).ShouldBe(HttpStatusCode.OK);
    }

#else
    [Fact]
    public async Task Guests_see_it()
    {
        await using var site = new TestSite();
        (await site.NewBrowser().GetAsync(Address)).ShouldBe(HttpStatusCode.OK);
    }

#endif
#if (restrict != "guests")
    [Fact]
    public async Task Signed_in_users_see_it()
    {
        await using var site = new TestSite();
        (await (await site.NewSignedInBrowserAsync()).GetAsync(Address)).ShouldBe(HttpStatusCode.OK);
    }
#endif
}
