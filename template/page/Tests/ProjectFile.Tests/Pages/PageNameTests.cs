using System.Net;
using Tests.Infrastructure;

namespace Tests.Pages;

public sealed class PageNameTests
{
    private const string Address = "/PageName";

#if (restrict == "signed-in")
    [Fact]
    public async Task Guests_are_sent_to_sign_in_and_come_back_from_there()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();

        var login = (await browser.GetAsync(Address)).Headers.Location!.OriginalString;
        var back = await browser.FillInAsync(login, ("Email", DemoBackend.Email), ("Password", DemoBackend.Password));

        Assert.StartsWith(site.Options.LoginPath, login);
        (await browser.GetAsync(back.Headers.Location!.OriginalString)).ShouldBe(HttpStatusCode.OK);
    }

#elseif (restrict == "guests")
    [Fact]
    public async Task Who_is_signed_in_is_sent_on()
    {
        await using var site = new TestSite();
        (await (await site.NewSignedInBrowserAsync()).GetAsync(Address)).ShouldLeadTo(site.Options.HomePath);
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
    public async Task Who_is_signed_in_sees_it()
    {
        await using var site = new TestSite();
        (await (await site.NewSignedInBrowserAsync()).GetAsync(Address)).ShouldBe(HttpStatusCode.OK);
    }
#endif
}
