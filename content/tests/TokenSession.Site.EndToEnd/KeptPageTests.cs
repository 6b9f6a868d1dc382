using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>A page on which the user has typed is never replaced. Until its user is signed in again, it says why its form cannot be
/// sent.</summary>
public sealed class KeptPageTests(BrowserFixture browser)
{
    private const string Text = "Half a report";

    [Fact]
    public Task When_the_session_ends_the_text_stays_and_the_same_user_can_continue() =>
        browser.VisitAsync(async visit =>
        {
            var (app, text) = await TypeAsync(visit);
            visit.Site.Backend.RevokeEverySession();
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            await Expect(Bar(app.Tab, "signed-out")).ToBeVisibleAsync();
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app\\?tab=report#part$"));

            var nextDoor = await visit.Browser.RunAndWaitForPageAsync(() =>
                app.Tab.GetByRole(AriaRole.Link, new() { Name = "Sign in in a new tab" }).ClickAsync()
            );
            await new LoginPage(nextDoor).TryAsync(DemoBackend.Email, DemoBackend.Password);
            await Expect(nextDoor).ToHaveURLAsync(new Regex("/app\\?tab=report$"));

            await Expect(Bar(app.Tab, "signed-out")).ToBeHiddenAsync(new() { Timeout = Visit.Soon });
            await Expect(text).ToHaveValueAsync(Text);
            await app.UntilSecondsLeftAsync(40, 59);
        });

    [Fact]
    public Task When_another_user_signs_in_the_text_stays_and_the_page_does_nothing_as_that_user() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.AddUser("bob@example.com", "bob");
            var (app, text) = await TypeAsync(visit);

            await SignInByScriptAsync(await visit.NewTabAsync(), "bob");

            await Expect(Bar(app.Tab, "other-user")).ToBeVisibleAsync(new() { Timeout = Visit.Soon });
            await Expect(text).ToHaveValueAsync(Text);
            Assert.Equal("409,,false", await ActAsync(app.Tab));

            // The other user signs out, and the user of this page signs in again.
            var nextDoor = await visit.NewTabAsync();
            await (await new LogoutPage(nextDoor).OpenAsync()).SignOut.ClickAsync();
            await Expect(Bar(app.Tab, "signed-out")).ToBeVisibleAsync(new() { Timeout = Visit.Soon });
            await (await new LoginPage(nextDoor).OpenAsync()).SignInAsync();
            await Expect(Bar(app.Tab, "signed-out")).ToBeHiddenAsync(new() { Timeout = Visit.Soon });
            await Expect(text).ToHaveValueAsync(Text);
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task A_kept_page_that_comes_back_from_the_cache_is_concealed_until_its_user_is_back(bool hasSignedOutItself) =>
        browser.VisitAsync(async visit =>
        {
            var (app, text) = await TypeAsync(visit);
            if (hasSignedOutItself)
            {
                await app.Tab.EvaluateAsync("() => import('/js/token-session.js').then(it => it.logout())");
            }

            await visit.Browser.ClearCookiesAsync();
            await app.Tab.EvaluateAsync("() => { dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); }");
            await Expect(Bar(app.Tab, "signed-out")).ToBeVisibleAsync(new() { Timeout = Visit.Soon });
            await Expect(app.Email).ToBeHiddenAsync();
            await Expect(text).ToBeHiddenAsync();

            await visit.SignInAsync();

            await Expect(text).ToBeVisibleAsync(new() { Timeout = Visit.Soon });
            await Expect(text).ToHaveValueAsync(Text);
        });

    [Fact]
    public Task A_page_of_another_user_without_text_becomes_a_page_of_the_present_user() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.AddUser("bob@example.com", "bob");
            var app = await visit.SignInAsync();
            await app.Tab.GotoAsync("/app?tab=here#part");

            await SignInByScriptAsync(await visit.NewTabAsync(), "bob");

            await Expect(app.Email).ToHaveTextAsync("bob@example.com", new() { Timeout = Visit.Soon });
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app\\?tab=here#part$"));
        });

    [Fact]
    public Task A_tab_that_was_frozen_does_nothing_as_the_other_user() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.AddUser("bob@example.com", "bob");
            var app = await visit.SignInAsync();
            // As in a frozen tab, no event arrives, and no timer runs.
            await app.Tab.AddInitScriptAsync(
                """
                for (const type of ['storage', 'focus', 'visibilitychange']) {
                  addEventListener(type, event => event.stopImmediatePropagation(), true);
                }
                """
            );
            await app.OpenAsync();
            await visit.StopBrowserClockAsync(app.Tab);

            var nextDoor = await visit.NewTabAsync();
            await SignInByScriptAsync(nextDoor, "bob");
            await Expect(new SiteHeader(nextDoor).Account).ToContainTextAsync("bob@example.com");

            await app.ComeBackAsync();
            Assert.Equal(0, await visit.QuestionsAsync());
            // After the 409 the page asks, and the answer would replace the page while the browser is being closed.
            await app.Tab.RouteAsync("**/api/auth/refresh*", route => route.AbortAsync());
            Assert.Equal("409,,false", await ActAsync(app.Tab));
        });

    [Fact]
    public Task A_form_that_an_outage_returned_stays_when_the_backend_is_back_and_when_another_user_signs_in() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.AddUser("bob@example.com", "bob");
            var app = await visit.SignInAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            // After the user leaves a page, the page receives no response.
            await visit.UntilAnsweredAsync();
            await Visit.LeaveAsync(
                app.Tab,
                """
                text => {
                  const form = Object.assign(document.createElement('form'), { method: 'post' });
                  form.append(Object.assign(document.createElement('textarea'), { name: 'Report', value: text }));
                  document.body.append(form);
                  form.submit();
                }
                """,
                Text
            );
            var sendAgain = app.Tab.GetByRole(AriaRole.Button, new() { Name = "Send again" });
            await Expect(sendAgain).ToBeVisibleAsync();
            await visit.UntilAnsweredAsync(before: 1);

            visit.Site.Backend.Faults.Clear();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(3));
            await app.UntilSecondsLeftAsync(50, 59);
            await SignInByScriptAsync(await visit.NewTabAsync(), "bob");
            await Expect(Bar(app.Tab, "other-user")).ToBeVisibleAsync(new() { Timeout = Visit.Soon });

            await Expect(sendAgain).ToBeVisibleAsync();
            await Expect(app.Tab.Locator("input[name=Report]")).ToHaveValueAsync(Text);
        });

    [Fact]
    public Task The_hash_of_the_address_survives_the_login_page() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await app.Tab.GotoAsync("/app?n=5#part5");
            visit.Site.Backend.RevokeEverySession();
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/login\\?returnTo=%2Fapp%3Fn%3D5&reason=[a-z_]+#part5$"));

            await new LoginPage(app.Tab).TryAsync(DemoBackend.Email, DemoBackend.Password);

            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app\\?n=5#part5$"));
        });

    private static ILocator Bar(IPage tab, string state) => tab.Locator($"[data-kept={state}]");

    private static async Task<(AppPage Page, ILocator Text)> TypeAsync(Visit visit)
    {
        var app = await visit.SignInAsync();
        await app.Tab.GotoAsync("/app?tab=report#part");
        await app.Tab.EvaluateAsync(
            "() => document.querySelector('main').insertAdjacentHTML('beforeend', '<form><textarea aria-label=\"Report\"></textarea></form>')"
        );
        var text = app.Tab.GetByLabel("Report");
        await text.PressSequentiallyAsync(Text);
        return (app, text);
    }

    private static async Task SignInByScriptAsync(IPage tab, string user)
    {
        await tab.GotoAsync("/");
        // The page may be replaced before the script has its result.
        await tab.RunAndWaitForResponseAsync(
            () =>
                tab.EvaluateAsync(
                    "user => { import('/js/token-session.js').then(it => it.login({ email: `${user}@example.com`, password: user })); }",
                    user
                ),
            response => response.Url.EndsWith("/api/auth/login", StringComparison.Ordinal)
        );
    }

    /// <summary>The status of a call of the backend, the access token, and whether there is a session of this page's user.</summary>
    private static Task<string> ActAsync(IPage tab) =>
        tab.EvaluateAsync<string>(
            """
            async () => {
              const module = await import('/js/token-session.js');
              const [token, isSignedIn] = [module.accessToken(), module.isSignedIn()];
              return `${(await module.fetchBackend('/things')).status},${token},${isSignedIn}`;
            }
            """
        );
}
