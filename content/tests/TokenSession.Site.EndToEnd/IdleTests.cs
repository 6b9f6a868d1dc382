using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>If the user is idle, the tab does not refresh. Before the site ends the session, the page offers to extend it.</summary>
public sealed class IdleTests(BrowserFixture browser)
{
    // The limit is ten minutes. The page shows the offer in the last two minutes.
    private static readonly (string, string) EndsAfterTenMinutes = ("TokenSession:IdleTimeout", "00:10:00");

    [Fact]
    public Task A_page_without_input_stops_refreshing_until_the_user_is_active_again() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(31));
            await app.UntilSecondsLeftAsync(0, 0);
            Assert.Equal(0, await visit.QuestionsAsync());

            await app.Tab.Keyboard.PressAsync("Shift");

            await app.UntilSecondsLeftAsync(50, 59);
            await Expect(new SessionOffer(app.Tab).Stay).ToBeHiddenAsync();
        });

    [Fact]
    public Task Before_an_idle_session_ends_the_page_offers_to_stay_signed_in() =>
        VisitAsync(async visit =>
        {
            await visit.WatchShiftsAsync();
            var app = await visit.SignInAsync();
            var offer = new SessionOffer(app.Tab);
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(7));
            await visit.UntilAnsweredAsync();
            await Expect(offer.Stay).ToBeHiddenAsync();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(1.5));
            await Expect(offer.Text).ToHaveTextAsync("Your session is about to end.");
            Assert.Empty(await Visit.ShiftsAsync(app.Tab));

            await offer.Stay.ClickAsync();

            await Expect(offer.Stay).ToBeHiddenAsync();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(5));
            await app.OpenAsync();
            await Expect(app.Email).ToBeVisibleAsync();
        });

    [Fact]
    public Task An_offer_that_the_user_ignores_leads_to_the_login_page() =>
        VisitAsync(async visit =>
        {
            // Nothing else is due: the access token outlives the session.
            visit.Site.Backend.AccessTokenLifetime = TimeSpan.FromHours(1);
            var app = await visit.SignInAsync();
            var nextDoor = await new AppPage(await visit.NewTabAsync()).OpenAsync();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(9));
            await Expect(new SessionOffer(app.Tab).Stay).ToBeVisibleAsync();
            await Expect(new SessionOffer(nextDoor.Tab).Stay).ToBeVisibleAsync();

            await visit.LetTimePassAsync(TimeSpan.FromMinutes(2));

            foreach (var tab in new[] { app.Tab, nextDoor.Tab })
            {
                await Expect(tab).ToHaveURLAsync(new Regex("/login\\?returnTo=%2Fapp&reason=(idle|ended)$"));
                await Expect(new LoginPage(tab).Notice).ToContainTextAsync("Sign in again.");
            }

            // Only the first answer has the reason. A tab that asks at the same moment may get the message with the reason too late.
            Assert.True(
                app.Tab.Url.EndsWith("idle", StringComparison.Ordinal) || nextDoor.Tab.Url.EndsWith("idle", StringComparison.Ordinal)
            );
        });

    [Fact]
    public Task A_tab_does_not_warn_of_an_end_that_another_tab_has_postponed() =>
        VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await new SessionOffer(app.Tab).RememberIfShownAsync();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(5));
            await (await new AppPage(await visit.NewTabAsync()).OpenAsync()).Tab.CloseAsync();
            var before = await visit.QuestionsAsync();

            await visit.LetTimePassAsync(TimeSpan.FromMinutes(4));
            await visit.UntilAnsweredAsync(before);

            await app.UntilSecondsLeftAsync(50, 59);
            await visit.QuestionsAsync();
            Assert.False(await new SessionOffer(app.Tab).WasShownAsync());
        });

    [Fact]
    public Task If_the_site_cannot_be_reached_the_offer_says_so_and_works_later() =>
        VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            var offer = new SessionOffer(app.Tab);
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(9));
            await Expect(offer.Stay).ToBeVisibleAsync();
            await visit.Browser.SetOfflineAsync(true);

            await offer.Stay.ClickAsync();
            await Expect(offer.Text).ToContainTextAsync("cannot be reached");
            var before = await visit.QuestionsAsync();
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(20));
            Assert.InRange(await visit.QuestionsAsync(), before, before + 2);

            await visit.Browser.SetOfflineAsync(false);
            await offer.Stay.ClickAsync();
            await Expect(offer.Stay).ToBeHiddenAsync();
            await Expect(app.Tab.Locator("main")).ToBeFocusedAsync();
        });

    [Fact]
    public async Task An_offer_that_cannot_extend_the_session_says_so()
    {
        await using var site = new TestSite(settings: [("TokenSession:AbsoluteTimeout", "00:10:00")]);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var offer = new SessionOffer((await visit.SignInAsync()).Tab);
                await visit.LetTimePassAsync(TimeSpan.FromMinutes(8));

                await offer.Stay.ClickAsync();

                await Expect(offer.Text).ToContainTextAsync("cannot be extended");
            }
        );
    }

    [Fact]
    public Task Input_extends_the_session_without_an_offer() =>
        VisitAsync(async visit =>
        {
            // Nothing else is due: the access token outlives the test.
            visit.Site.Backend.AccessTokenLifetime = TimeSpan.FromHours(1);
            var app = await visit.SignInAsync();
            await new SessionOffer(app.Tab).RememberIfShownAsync();
            for (var minutes = 0; minutes < 15; minutes++)
            {
                await app.Tab.Keyboard.PressAsync("a");
                await visit.LetTimePassAsync(TimeSpan.FromMinutes(1));
                await app.Tab.Keyboard.PressAsync("b");
            }

            await app.OpenAsync();
            await Expect(app.Email).ToBeVisibleAsync();
            Assert.False(await new SessionOffer(app.Tab).WasShownAsync());
            Assert.InRange(visit.Count($"POST {visit.Site.Options.BasePath}/refresh"), 5, 16);
        });

    [Fact]
    public async Task An_offer_that_was_closed_does_not_come_back()
    {
        await using var site = new TestSite(settings: [("TokenSession:AbsoluteTimeout", "00:10:00")]);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var app = await visit.SignInAsync();
                var offer = new SessionOffer(app.Tab);
                await visit.LetTimePassAsync(TimeSpan.FromMinutes(8));
                await Expect(app.Tab.Locator("[data-time-left]")).ToHaveTextAsync(new Regex("^(2:00|1:[45]\\d)$"));

                await app.Tab.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

                await Expect(offer.Stay).ToBeHiddenAsync();
                var before = await visit.QuestionsAsync();
                await visit.LetTimePassAsync(TimeSpan.FromSeconds(61));
                await visit.UntilAnsweredAsync(before);
                await app.UntilSecondsLeftAsync(30, 59);
                await Expect(offer.Stay).ToBeHiddenAsync();
            }
        );
    }

    private async Task VisitAsync(Func<Visit, Task> test)
    {
        await using var site = new TestSite(settings: [EndsAfterTenMinutes]);
        await browser.VisitAsync(site, test);
    }
}
