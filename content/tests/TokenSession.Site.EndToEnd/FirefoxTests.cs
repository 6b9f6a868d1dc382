using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>The features on which a session depends, in another engine: cookies, clocks, locks and messages between tabs.</summary>
public sealed class FirefoxTests(FirefoxFixture firefox) : IClassFixture<FirefoxFixture>
{
    [FirefoxFact]
    public Task A_user_signs_in_and_out() =>
        firefox.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);

            await app.SignOut.ClickAsync();

            await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();
            Assert.Equal(0, visit.Site.Backend.LiveSessions);
        });

    [FirefoxFact]
    public Task Six_tabs_that_wake_together_cost_one_refresh() =>
        firefox.VisitAsync(async visit =>
        {
            var tabs = new List<AppPage> { await visit.SignInAsync() };
            while (tabs.Count < 6)
            {
                tabs.Add(await new AppPage(await visit.NewTabAsync()).OpenAsync());
            }

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));

            foreach (var tab in tabs)
            {
                await tab.UntilSecondsLeftAsync(50, 59);
            }

            Assert.Equal(1, await visit.QuestionsAsync());
            Assert.Equal((1, 0), (visit.Site.Backend.Refreshes, visit.Site.Backend.Reuses));
        });

    [FirefoxFact]
    public Task An_open_page_refreshes_before_the_access_token_expires() =>
        firefox.VisitAsync(async visit =>
        {
            visit.Site.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(5);
            await visit.SignInAsync();
            var before = await visit.IndicatorAsync();

            await Visit.UntilAsync(async () => await visit.IndicatorAsync() != before, "the session indicator changed");

            Assert.InRange(visit.Site.Backend.Refreshes, 1, 2);
            Assert.Equal(0, visit.Site.Backend.Reuses);
        });

    [FirefoxFact]
    public Task A_page_with_text_is_kept_when_the_session_ends() =>
        firefox.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await app.Tab.EvaluateAsync(
                "() => document.querySelector('main').insertAdjacentHTML('beforeend', '<textarea aria-label=\"Report\"></textarea>')"
            );
            var text = app.Tab.GetByLabel("Report");
            await text.PressSequentiallyAsync("Half a report");

            visit.Site.Backend.RevokeEverySession();
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));

            await Expect(app.Tab.Locator("[data-kept=signed-out]")).ToBeVisibleAsync();
            await Expect(text).ToHaveValueAsync("Half a report");
        });

    [FirefoxFact]
    public Task A_guest_gets_the_login_page_also_through_a_service_worker() =>
        firefox.VisitAsync(async visit =>
        {
            // Firefox reports an icon that a service worker still loads when the page is left.
            visit.AllowMessage("Failed to load ‘");
            var tab = await visit.NewTabAsync();
            await tab.GotoAsync("/");
            await tab.EvaluateAsync(
                "async () => { await navigator.serviceWorker.register('/sw.js'); await navigator.serviceWorker.ready; }"
            );
            await tab.GotoAsync("/");
            Assert.True(await tab.EvaluateAsync<bool>("() => navigator.serviceWorker.controller !== null"));

            await tab.GotoAsync("/app");

            await Expect(new LoginPage(tab).Submit).ToBeVisibleAsync();
            var app = await new LoginPage(tab).SignInAsync();
            await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
        });

    [FirefoxFact]
    public Task A_sign_out_and_a_sign_in_in_another_tab_reach_every_tab() =>
        firefox.VisitAsync(async visit =>
        {
            var here = await visit.SignInAsync();
            var nextDoor = await new AppPage(await visit.NewTabAsync()).OpenAsync();

            await nextDoor.SignOut.ClickAsync();
            await Expect(here.Tab).ToHaveURLAsync(new Regex("/login\\?returnTo=%2Fapp&reason=signed_out$"), new() { Timeout = Visit.Soon });

            await (await new LoginPage(nextDoor.Tab).OpenAsync()).SignInAsync();
            await Expect(here.Tab).ToHaveURLAsync(new Regex("/app$"), new() { Timeout = Visit.Soon });
        });
}
