using System.Text.RegularExpressions;
using EndToEnd.Pages;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>Without a mouse, the user can reach every control in reading order and can see which control has the focus.</summary>
public sealed class KeyboardTests(BrowserFixture browser)
{
    [Fact]
    public Task Sign_in() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            var keys = new Keyboard(login.Tab);
            await Expect(login.Email).ToBeFocusedAsync();

            await keys.TypeAsync(DemoBackend.Email);
            Assert.Equal("Password", await keys.TabAsync());
            await keys.TypeAsync(DemoBackend.Password);
            Assert.Equal("Show password", await keys.TabAsync());
            Assert.Equal("Keep me signed in", await keys.TabAsync());
            await keys.PressAsync("Space");
            Assert.Equal("Sign in", await keys.TabAsync());
            await keys.PressAsync("Enter");

            await Expect(new AppPage(login.Tab).Email).ToHaveTextAsync(DemoBackend.Email);
            Assert.True((await visit.TicketAsync()).IsPersistent);
        });

    [Fact]
    public Task Past_the_navigation_to_the_content_and_out() =>
        browser.VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;
            await new LogoutPage(tab).OpenAsync();
            var keys = new Keyboard(tab);

            Assert.Equal("Skip to the content", await keys.TabAsync());
            await keys.PressAsync("Enter");
            await Expect(tab).ToHaveURLAsync(new Regex("/logout#content$"));
            Assert.Equal("Sign out", await keys.TabAsync());
            await keys.PressAsync("Enter");

            await Expect(new SiteHeader(tab).SignIn).ToBeVisibleAsync();
            Assert.Equal(0, visit.Site.Backend.LiveSessions);
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task The_navigation_in_its_order(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var keys = new Keyboard((await (await visit.SignInAsync()).OpenAsync()).Tab);

                string[] order = [await keys.TabAsync(), await keys.TabAsync(), await keys.TabAsync(), await keys.TabAsync()];

                Assert.Equal(["Skip to the content", typeof(Program).Assembly.GetName().Name!, "Sign out"], [order[0], order[1], order[3]]);
                Assert.EndsWith($"Your account: {DemoBackend.Email}", order[2], StringComparison.Ordinal);
                await keys.PressAsync("Enter");
                await Expect(keys.Tab).ToHaveURLAsync(new Regex(withScripts ? "/$" : "/logout$"));
            },
            withScripts
        );

    [Fact]
    public async Task Stay_signed_in()
    {
        await using var site = new TestSite(settings: ("TokenSession:IdleTimeout", "00:10:00"));
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var app = await visit.SignInAsync();
                await visit.LetTimePassAsync(TimeSpan.FromMinutes(9));
                var offer = new SessionOffer(app.Tab);
                await Expect(offer.Stay).ToBeVisibleAsync();

                var keys = new Keyboard(app.Tab);
                await keys.TabToAsync("Stay signed in");
                await keys.PressAsync("Enter");

                await Expect(offer.Stay).ToBeHiddenAsync();
            }
        );
    }
}
