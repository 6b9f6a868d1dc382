using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

public sealed class SignOutTests(BrowserFixture browser)
{
    [Theory, InlineData(true), InlineData(false)]
    public Task The_sign_out_page_ends_the_session_on_this_site_and_at_the_backend(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                var logout = await new LogoutPage(app.Tab).OpenAsync();
                Assert.Equal(1, visit.Site.Backend.LiveSessions);

                await logout.SignOut.ClickAsync();

                await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();
                await AssertSignedOutAsync(visit);
            },
            withScripts
        );

    [Fact]
    public Task Where_scripts_run_one_click_signs_out() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();

            await app.SignOut.ClickAsync();

            await Expect(app.Tab).ToHaveURLAsync(visit.Site.Address.ToString());
            await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();
            await AssertSignedOutAsync(visit);
        });

    [Fact]
    public Task Without_scripts_the_link_leads_to_the_button() =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();

                await app.SignOut.ClickAsync();
                await new LogoutPage(app.Tab).SignOut.ClickAsync();

                await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();
                await AssertSignedOutAsync(visit);
            },
            withScripts: false
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task A_guest_is_redirected_from_a_page_for_signed_in_users(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();

                await tab.GotoAsync("/app");

                await Expect(tab).ToHaveURLAsync(new Regex("/login$"));
                await Expect(new LoginPage(tab).Submit).ToBeVisibleAsync();
            },
            withScripts
        );

    [Fact]
    public Task Nothing_is_left_to_sign_out_for_a_guest() =>
        browser.VisitAsync(async visit =>
        {
            var logout = await new LogoutPage(await visit.NewTabAsync()).OpenAsync();

            await Expect(logout.Heading).ToHaveTextAsync("You are signed out");
            await Expect(logout.SignOut).ToHaveCountAsync(0);
        });

    [Fact]
    public Task A_sign_out_page_whose_session_has_ended_shows_no_error() =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                var logout = await new LogoutPage(app.Tab).OpenAsync();
                await (await new LogoutPage(await visit.NewTabAsync()).OpenAsync()).SignOut.ClickAsync();
                await Visit.UntilAsync(() => visit.Site.Backend.LiveSessions is 0, "the other tab signed out");

                await logout.SignOut.ClickAsync();

                await Expect(app.Tab).ToHaveURLAsync(visit.Site.Address.ToString());
                await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();
            },
            withScripts: false
        );

    [Fact]
    public Task A_sign_out_page_notices_that_there_is_nothing_left_to_sign_out() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            var logout = await new LogoutPage(app.Tab).OpenAsync();

            await (await new LogoutPage(await visit.NewTabAsync()).OpenAsync()).SignOut.ClickAsync();

            await Expect(logout.Heading).ToHaveTextAsync("You are signed out");
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task A_sign_out_in_another_tab_replaces_protected_pages_and_keeps_public_ones(bool byOneClick) =>
        browser.VisitAsync(async visit =>
        {
            var here = await visit.SignInAsync();
            await here.Tab.GotoAsync("/app?tab=here");
            var nextDoor = await new AppPage(await visit.NewTabAsync()).OpenAsync();
            var homePage = await visit.NewTabAsync();
            await homePage.GotoAsync("/");
            await homePage.EvaluateAsync("() => { globalThis.hasStayed = true; }");

            if (byOneClick)
            {
                await nextDoor.SignOut.ClickAsync();
            }
            else
            {
                await (await new LogoutPage(nextDoor.Tab).OpenAsync()).SignOut.ClickAsync();
            }

            // Another tab cannot know why a form was sent.
            await AssertSentToLoginAsync(here.Tab, returnTo: "/app?tab=here", reason: byOneClick ? "signed_out" : "ended");
            await Expect(nextDoor.Tab).ToHaveURLAsync(visit.Site.Address.ToString());
            Assert.True(await homePage.EvaluateAsync<bool>("() => globalThis.hasStayed ?? false"));
        });

    [Fact]
    public Task A_sign_out_in_another_tab_also_reaches_a_page_that_waits_for_the_backend() =>
        browser.VisitAsync(async visit =>
        {
            var here = await visit.SignInAsync();
            var nextDoor = await new AppPage(await visit.NewTabAsync()).OpenAsync();
            visit.Site.Backend.Faults.RetryAfter = TimeSpan.FromSeconds(50);
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));
            await visit.UntilAnsweredAsync(before: 1);
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(2));

            await nextDoor.SignOut.ClickAsync();

            await AssertSentToLoginAsync(here.Tab, returnTo: "/app", reason: "signed_out");
        });

    [Fact]
    public Task A_sign_out_in_another_tab_also_reaches_a_page_whose_request_has_no_answer_yet() =>
        browser.VisitAsync(async visit =>
        {
            var here = await visit.SignInAsync();
            var nextDoor = await new AppPage(await visit.NewTabAsync()).OpenAsync();
            var asked = new TaskCompletionSource<IRoute>();
            await here.Tab.RouteAsync("**/api/auth/refresh", asked.SetResult, new() { Times = 1 });
            await here.Tab.EvaluateAsync("() => { import('/js/token-session.js').then(it => it.refresh()); }");
            var question = await asked.Task;

            await nextDoor.SignOut.ClickAsync();
            await Expect(nextDoor.Tab).ToHaveURLAsync(visit.Site.Address.ToString());
            await question.FulfillAsync(
                new()
                {
                    Status = 503,
                    Headers = new Dictionary<string, string> { ["Retry-After"] = "60" },
                }
            );

            await AssertSentToLoginAsync(here.Tab, returnTo: "/app", reason: "signed_out");
        });

    [Fact]
    public Task A_page_that_comes_back_with_the_back_button_after_sign_out_is_replaced() =>
        browser.VisitAsync(async visit =>
        {
            var here = await visit.SignInAsync();
            await here.Tab.GotoAsync("/");
            var nextDoor = await new AppPage(await visit.NewTabAsync()).OpenAsync();
            await nextDoor.SignOut.ClickAsync();
            await Expect(nextDoor.Tab).ToHaveURLAsync(visit.Site.Address.ToString());

            await here.Tab.GoBackAsync();

            await Expect(here.Tab).ToHaveURLAsync(new Regex("/login"), new() { Timeout = Visit.Soon });
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task After_sign_out_the_back_button_shows_nothing_private(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                // In Development, the login page shows the account of the demo backend.
                visit.Site.Backend.AddUser("ada@example.com", "ada");
                var login = await new LoginPage(await visit.NewTabAsync()).OpenAsync();
                await login.TryAsync("ada@example.com", "ada");
                var app = new AppPage(login.Tab);
                await Expect(app.Email).ToHaveTextAsync("ada@example.com");
                await app.OpenAsync();
                await (await new LogoutPage(app.Tab).OpenAsync()).SignOut.ClickAsync();
                await Expect(new SiteHeader(app.Tab).SignIn).ToBeVisibleAsync();

                await app.Tab.GoBackAsync();
                await Expect(new LogoutPage(app.Tab).Heading).ToHaveTextAsync("You are signed out");
                await app.Tab.GoBackAsync();
                Assert.DoesNotContain("ada@example.com", await app.Tab.ContentAsync());
                await Expect(new LoginPage(app.Tab).Submit).ToBeVisibleAsync();
            },
            withScripts
        );

    [Fact]
    public Task A_page_that_was_kept_in_memory_checks_the_session_when_it_is_shown() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await visit.Browser.ClearCookiesAsync();
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(2));

            await Visit.LeaveAsync(app.Tab, "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");

            await Expect(app.Tab).ToHaveURLAsync(new Regex("/login"), new() { Timeout = Visit.Soon });
        });

    [Fact]
    public Task A_sign_in_in_another_tab_replaces_the_login_page() =>
        browser.VisitAsync(async visit =>
        {
            var waiting = await visit.NewTabAsync();
            await waiting.GotoAsync("/app?tab=waiting");
            await Expect(waiting).ToHaveURLAsync(new Regex("/login"));

            await visit.SignInAsync();

            await Expect(waiting).ToHaveURLAsync(new Regex("/app\\?tab=waiting$"), new() { Timeout = Visit.Soon });
            await Expect(new AppPage(waiting).Email).ToHaveTextAsync(DemoBackend.Email);
        });

    [Fact]
    public Task A_session_that_the_backend_ended_leads_to_the_login_page_and_back() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await app.Tab.GotoAsync("/app?page=open");
            visit.Site.Backend.RevokeEverySession();

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(65));

            await AssertSentToLoginAsync(app.Tab, returnTo: "/app?page=open", reason: "ended");
            await new LoginPage(app.Tab).TryAsync(DemoBackend.Email, DemoBackend.Password);
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app\\?page=open$"));
        });

    [Fact]
    public Task A_lost_session_indicator_causes_one_request_and_no_loop() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await visit.Browser.ClearCookiesAsync(new() { Name = visit.Site.Options.SessionCookie });
            await app.OpenAsync();

            for (var seconds = 0; seconds < 10; seconds++)
            {
                await visit.LetTimePassAsync(TimeSpan.FromSeconds(1));
                await app.ComeBackAsync();
            }

            await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
            Assert.InRange(await visit.QuestionsAsync(), 0, 1);
        });

    [Fact]
    public async Task Two_users_of_the_site_never_mix()
    {
        await using var site = new TestSite();
        site.Backend.AddUser("other@example.com", "other");
        await browser.VisitAsync(
            site,
            demo =>
                browser.VisitAsync(
                    site,
                    async other =>
                    {
                        var demoApp = await demo.SignInAsync();
                        var login = await new LoginPage(await other.NewTabAsync()).OpenAsync();
                        await login.TryAsync("other@example.com", "other");
                        var otherApp = new AppPage(login.Tab);
                        await Expect(otherApp.Email).ToHaveTextAsync("other@example.com");

                        site.Clock.Advance(TimeSpan.FromSeconds(65));
                        await Task.WhenAll(demoApp.OpenAsync(), otherApp.OpenAsync());
                        await Expect(demoApp.Email).ToHaveTextAsync(DemoBackend.Email);
                        await Expect(otherApp.Email).ToHaveTextAsync("other@example.com");

                        await demoApp.SignOut.ClickAsync();
                        await Expect(demoApp.Tab).ToHaveURLAsync(site.Address.ToString());
                        await otherApp.OpenAsync();
                        await Expect(otherApp.Email).ToHaveTextAsync("other@example.com");
                    }
                )
        );
    }

    private static async Task AssertSentToLoginAsync(IPage tab, string returnTo, string reason)
    {
        var address = $"/login?returnTo={Uri.EscapeDataString(returnTo)}&reason={reason}";
        await Expect(tab).ToHaveURLAsync(new Regex(Regex.Escape(address) + "$"), new() { Timeout = Visit.Soon });
        await Expect(new LoginPage(tab).Notice).ToContainTextAsync("Sign in again.");
    }

    private static async Task AssertSignedOutAsync(Visit visit)
    {
        // Data that contains nothing about the session may stay.
        string[] others = [visit.Site.Options.AntiforgeryCookie, visit.Site.Options.ProbeCookie];
        Assert.DoesNotContain(
            await visit.Browser.CookiesAsync(),
            cookie => cookie.Name.StartsWith(visit.Site.Options.CookiePrefix, StringComparison.Ordinal) && !others.Contains(cookie.Name)
        );
        Assert.Equal(0, visit.Site.Backend.LiveSessions);
    }
}
