using System.Globalization;
using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>The use of token-session.js in your own scripts.</summary>
public sealed class ModuleTests(BrowserFixture browser)
{
    [Fact]
    public Task Scripts_sign_in_and_out() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await HomeAsync(visit);

            Assert.Equal(
                """{"ok":false,"code":"bad_credentials"}""",
                await RunAsync(tab, "login({ email: 'demo@example.com', password: 'wrong' })")
            );
            Assert.Equal("false", await RunAsync(tab, "isSignedIn()"));
            Assert.Equal(
                """{"ok":true}""",
                await RunAsync(tab, "login({ email: 'demo@example.com', password: 'demo', rememberMe: true })")
            );
            Assert.Equal("true", await RunAsync(tab, "isSignedIn()"));
            Assert.Equal(await visit.IndicatorAsync(), Uri.EscapeDataString((await RunAsync(tab, "sessionExpiry()")).Trim('"')));
            Assert.Equal(
                (await visit.CookieAsync(visit.Site.Options.AccessTokenCookie))!.Value,
                (await RunAsync(tab, "accessToken()")).Trim('"')
            );
            Assert.InRange(double.Parse(await RunAsync(tab, "secondsLeft()"), CultureInfo.InvariantCulture), 50, 60);

            Assert.Equal("true", await RunAsync(tab, "logout()"));
            Assert.Equal(
                """[false,"",null]""",
                await RunAsync(tab, "isSignedIn(), module.accessToken(), module.sessionExpiry()", asArray: true)
            );
            Assert.Equal(0, visit.Site.Backend.LiveSessions);
        });

    [Fact]
    public Task A_page_of_another_server_is_no_sign_in() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await HomeAsync(visit);
            await tab.RouteAsync(
                "**/api/auth/login",
                route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<title>Sign in to the network</title>" })
            );

            Assert.Equal("""{"ok":false}""", await RunAsync(tab, "login({ email: 'demo@example.com', password: 'demo' })"));
        });

    [Fact]
    public Task A_script_learns_that_a_one_time_code_is_needed() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.AddUser("careful@example.com", "secret words", otp: "424242");
            var tab = await HomeAsync(visit);

            Assert.Contains("otp_required", await RunAsync(tab, "login({ email: 'careful@example.com', password: 'secret words' })"));
            Assert.Contains(
                "true",
                await RunAsync(tab, "login({ email: 'careful@example.com', password: 'secret words', otp: '424242' })")
            );
        });

    [Fact]
    public Task After_a_sign_in_by_script_the_login_page_is_left() =>
        browser.VisitAsync(async visit =>
        {
            var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync("/login?returnTo=%2Fapp%3Fby%3Dscript");

            await login.Tab.EvaluateAsync(
                "() => { import('/js/token-session.js').then(it => it.login({ email: 'demo@example.com', password: 'demo' })); }"
            );

            await Expect(login.Tab).ToHaveURLAsync(new Regex("/app\\?by=script$"));
        });

    [Fact]
    public Task Calls_that_wait_together_share_one_request() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();

            var answers = await RunAsync(app.Tab, "refresh(), module.refresh(), module.refresh()", asArray: true);

            Assert.Equal("""["signed-in","signed-in","signed-in"]""", answers);
            Assert.Equal((1, 0), (await visit.QuestionsAsync(), visit.Site.Backend.Refreshes));
        });

    [Fact]
    public Task Clearing_the_session_hides_it_from_scripts_and_ends_nothing() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await visit.SignInAsync();
            await tab.Tab.GotoAsync("/");

            Assert.Equal(
                """[null,false,""]""",
                await RunAsync(tab.Tab, "clearSession(), module.isSignedIn(), module.accessToken()", asArray: true)
            );

            Assert.Equal(1, visit.Site.Backend.LiveSessions);
            await Expect((await tab.OpenAsync()).Email).ToHaveTextAsync(DemoBackend.Email);
        });

    [Fact]
    public Task A_page_can_decide_when_to_refresh_and_what_follows() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await NoteCallbacksAsync(app.Tab, "shouldRefresh: (left) => left < 40");

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(30));
            await Expect(app.Tab).ToHaveTitleAsync("refreshed");
        });

    [Fact]
    public Task A_page_can_refresh_later_than_the_server_asks() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await NoteCallbacksAsync(app.Tab, "refreshBefore: 1");

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(55));
            await app.UntilSecondsLeftAsync(1, 9);
            Assert.Equal(0, await visit.QuestionsAsync());

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(5));
            await Expect(app.Tab).ToHaveTitleAsync("refreshed");
        });

    [Fact]
    public Task A_page_learns_when_the_backend_is_unavailable_and_when_the_session_has_ended() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await NoteCallbacksAsync(app.Tab, "onSignedOut: () => { document.title = 'over'; }");
            visit.Site.Backend.Faults.Break(DemoFault.Reset, "/auth/refresh");
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            await Expect(app.Tab).ToHaveTitleAsync(new Regex("^away for ([5-9]|\\d\\d)"));

            visit.Site.Backend.Faults.Clear();
            visit.Site.Backend.RevokeEverySession();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(3));

            await Expect(app.Tab).ToHaveTitleAsync("over");
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app$"));
        });

    [Fact]
    public Task Each_failure_doubles_the_wait_approximately_up_to_two_minutes() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await NoteCallbacksAsync(app.Tab, "idleAfter: Infinity");
            visit.Site.Backend.Faults.Break(DemoFault.Reset, "/auth/refresh");
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));

            foreach (var (seconds, question) in new[] { 5, 10, 20, 40, 80, 120, 120 }.Select((seconds, index) => (seconds, index)))
            {
                await visit.UntilAnsweredAsync(before: question);
                await Expect(app.Tab).ToHaveTitleAsync(new Regex("^away for "));
                var wait = int.Parse(Regex.Match(await app.Tab.TitleAsync(), "\\d+").Value, CultureInfo.InvariantCulture);
                Assert.InRange(wait, seconds, seconds * 1.5);
                await app.Tab.EvaluateAsync("() => { document.title = ''; }");
                await visit.LetTimePassAsync(TimeSpan.FromSeconds(wait + 1));
            }
        });

    [Fact]
    public Task The_backend_is_called_through_the_site() =>
        browser.VisitAsync(async visit =>
        {
            var tab = await HomeAsync(visit);
            await visit.Browser.RouteAsync(
                "**/api/backend/things?of=mine",
                route => route.FulfillAsync(new() { Body = route.Request.Method })
            );

            Assert.Equal("\"DELETE\"", await RunAsync(tab, "fetchBackend('/things?of=mine', { method: 'DELETE' }).then(it => it.text())"));
        });

    [Fact]
    public Task A_refused_backend_call_reveals_that_the_session_has_ended() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await visit.Browser.RouteAsync("**/api/backend/**", route => route.FulfillAsync(new() { Status = 401 }));
            visit.Site.Backend.RevokeEverySession();
            visit.Site.Clock.Advance(TimeSpan.FromSeconds(65));

            await app.Tab.EvaluateAsync("() => { import('/js/token-session.js').then(it => it.fetchBackend('/things')); }");

            await Expect(app.Tab).ToHaveURLAsync(new Regex("/login"));
        });

    private static async Task<IPage> HomeAsync(Visit visit)
    {
        var tab = await visit.NewTabAsync();
        await tab.GotoAsync("/");
        return tab;
    }

    /// <summary>The result of a function of the module, as JSON.</summary>
    private static async Task<string> RunAsync(IPage tab, string call, bool asArray = false)
    {
        var answer = asArray ? $"await Promise.all([module.{call}])" : $"await module.{call}";
        return await tab.EvaluateAsync<string>(
            $"async () => {{ const module = await import('/js/token-session.js'); return JSON.stringify({answer}); }}"
        );
    }

    private static Task NoteCallbacksAsync(IPage tab, string settings) =>
        tab.EvaluateAsync(
            $$"""
            async () => {
              const module = await import('/js/token-session.js');
              module.startSessionRefresh({
                onRefresh: () => { document.title = 'refreshed'; },
                onUnavailable: (seconds) => { document.title = `away for ${Math.round(seconds)} s`; },
                {{settings}},
              });
            }
            """
        );
}
