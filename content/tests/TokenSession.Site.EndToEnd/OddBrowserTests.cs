using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>Every link and form works in browsers that lack a feature, and with cookies that the site did not write.</summary>
public sealed class OddBrowserTests(BrowserFixture browser)
{
    [Theory, InlineData("2100-01-01T00:00:00.000Z"), InlineData("2000-01-01T00:00:00.000Z"), InlineData("%E4")]
    public Task An_indicator_that_cannot_be_deleted_causes_one_request(string value) =>
        browser.VisitAsync(async visit =>
        {
            await visit.Browser.AddCookiesAsync([Cookie(visit, value)]);
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
            await login.Email.FillAsync("still here");

            for (var time = 0; time < 10; time++)
            {
                await visit.LetTimePassAsync(TimeSpan.FromSeconds(5));
            }

            Assert.InRange(await visit.QuestionsAsync(), 0, 1);
            Assert.Equal(1, visit.Count("GET /login"));
            await Expect(login.Email).ToHaveValueAsync("still here");
            await login.SignInAsync();
        });

    [Fact]
    public Task A_page_works_without_the_features_that_old_browsers_lack() =>
        browser.VisitAsync(async visit =>
        {
            await visit.Browser.AddInitScriptAsync(
                """
                delete AbortSignal.timeout;
                delete Navigator.prototype.locks;
                Object.defineProperty(navigator, 'onLine', { get: () => false });
                for (const name of ['localStorage', 'sessionStorage']) {
                  Object.defineProperty(globalThis, name, { get() { throw new DOMException('Blocked', 'SecurityError'); } });
                }
                """
            );
            var app = await visit.SignInAsync();

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            await app.UntilSecondsLeftAsync(50, 59);

            await app.SignOut.ClickAsync();
            await Expect(app.Tab).ToHaveURLAsync(visit.Site.Address.ToString());
            Assert.Equal(0, visit.Site.Backend.LiveSessions);
        });

    [Fact]
    public Task A_sign_out_link_whose_script_fails_leads_to_its_page() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await app.Tab.EvaluateAsync("() => { globalThis.fetch = () => { throw new Error('Blocked'); }; }");

            await app.SignOut.ClickAsync();

            await Expect(app.Tab).ToHaveURLAsync(new Regex("/logout$"));
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task A_form_whose_response_does_not_replace_the_page_can_be_sent_again(bool byEscape) =>
        browser.VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;
            await new LogoutPage(tab).OpenAsync();
            await tab.RouteAsync(
                "**/logout",
                route =>
                    route.FulfillAsync(
                        new()
                        {
                            Body = "report",
                            Headers = new Dictionary<string, string> { ["Content-Disposition"] = "attachment" },
                        }
                    )
            );
            await SubmitAsync(tab);
            await Expect(tab.Locator("form[aria-busy]")).ToHaveCountAsync(1);
            await SubmitAsync(tab);

            if (byEscape)
            {
                await tab.Keyboard.PressAsync("Escape");
            }
            else
            {
                await visit.LetTimePassAsync(TimeSpan.FromSeconds(10));
            }

            await Expect(tab.Locator("form[aria-busy]")).ToHaveCountAsync(0);
            await SubmitAsync(tab);
            await Visit.UntilAsync(() => visit.Count("POST /logout") is 2, "the form is sent a second time");

            // The page still refreshes its session.
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            await new AppPage(tab).UntilSecondsLeftAsync(50, 59);
        });

    [Fact]
    public async Task Each_module_is_loaded_once_under_its_fingerprint_on_every_page()
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                var modules = new List<string>();
                tab.Request += (_, request) => modules.Add(new Uri(request.Url).AbsolutePath);

                await tab.GotoAsync("/nowhere/deep/below", new() { WaitUntil = WaitUntilState.NetworkIdle });

                modules.RemoveAll(path => !path.EndsWith(".js", StringComparison.Ordinal));
                Assert.Contains(modules, module => module.StartsWith("/js/token-session.", StringComparison.Ordinal));
                Assert.All(modules, module => Assert.Matches(@"^/js/[a-z-]+\.[a-z0-9]{10}\.js$", module));
                Assert.Distinct(modules);
            }
        );
    }

    [Fact]
    public Task A_browser_without_import_maps_runs_the_same_scripts() =>
        browser.VisitAsync(async visit =>
        {
            await visit.Browser.RouteAsync(
                "**/login",
                async route =>
                {
                    var response = await route.FetchAsync();
                    var html = (await response.TextAsync()).Replace("importmap", "not-known", StringComparison.Ordinal);
                    await route.FulfillAsync(new() { Response = response, Body = html });
                }
            );

            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();

            await Expect(login.ShowPassword).ToBeVisibleAsync();
            Assert.Equal(1, visit.Count("GET /js/token-session.js"));
        });

    private static Task SubmitAsync(IPage tab) => Visit.LeaveAsync(tab, "() => document.querySelector('main form').requestSubmit()");

    private static Cookie Cookie(Visit visit, string value) =>
        new()
        {
            Name = visit.Site.Options.SessionCookie,
            Value = value,
            Domain = visit.Site.Address.Host,
            Path = "/login",
        };
}
