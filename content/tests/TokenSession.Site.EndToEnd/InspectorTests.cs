using System.Net;
using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

public sealed partial class InspectorTests(BrowserFixture browser)
{
    [Theory, InlineData(true), InlineData(false)]
    public Task It_shows_what_requests_did_and_no_token(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                await app.OpenAsync();
                await app.Tab.GotoAsync("about:blank");
                visit.Site.Clock.Advance(TimeSpan.FromSeconds(65));
                await app.OpenAsync();

                var inspector = await new InspectorPage(app.Tab).OpenAsync();

                await Expect(inspector.State).ToHaveTextAsync("Signed in");
                await Expect(inspector.Outcomes).ToContainTextAsync(["refreshed", "fresh"]);
                await Expect(inspector.Generations).ToContainTextAsync(["generation 0 → 1", "generation 0"]);
                await Expect(inspector.Content).ToContainTextAsync("The access token was stale, so this request called the backend.");
                var html = await inspector.Tab.ContentAsync();
                string[] shown = [visit.Site.Options.SessionCookie, visit.Site.Options.UserCookie, visit.Site.Options.ProbeCookie];
                foreach (var cookie in (await visit.Browser.CookiesAsync()).Where(cookie => !shown.Contains(cookie.Name)))
                {
                    Assert.DoesNotContain(cookie.Value, html);
                }

                var ticket = await visit.TicketAsync();
                Assert.DoesNotContain(ticket.Tokens.RefreshToken, html);
                Assert.DoesNotContain(ticket.Tokens.AccessToken, html);
                Assert.DoesNotContain(ticket.SessionId, html);
                Assert.Contains(ticket.SessionId[..6], html);
            },
            withScripts
        );

    [Theory, InlineData(true), InlineData(false)]
    public Task The_inspector_does_not_refresh(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                await app.Tab.GotoAsync("about:blank");
                visit.Site.Clock.Advance(TimeSpan.FromSeconds(65));

                var inspector = await new InspectorPage(app.Tab).OpenAsync();

                await Expect(inspector.State).ToHaveTextAsync("Signed in; the access token has expired");
                if (withScripts)
                {
                    // The page reads the state again without a user action, and still does not refresh.
                    await visit.Browser.Clock.FastForwardAsync(60_000);
                    await Visit.UntilAsync(() => visit.Count("GET /dev/session") > 1, "the page has reloaded its content");
                }

                Assert.Equal((0, 0), (visit.Count($"POST {visit.Site.Options.BasePath}/refresh"), visit.Site.Backend.Refreshes));
            },
            withScripts
        );

    [Fact]
    public Task It_shows_a_refresh_while_it_happens_and_who_waits_for_it() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            var inspector = await new InspectorPage(await visit.NewTabAsync()).OpenAsync();
            var answer = new TaskCompletionSource();
            visit.Site.Backend.Faults.Gate = answer.Task;
            visit.Site.Clock.Advance(TimeSpan.FromSeconds(65));
            var pages = new[] { visit.Browser.APIRequest.GetAsync("/"), visit.Browser.APIRequest.GetAsync("/") };

            await Visit.UntilAsync(
                async () => (await (await inspector.OpenAsync()).Content.InnerTextAsync()).Contains("Refresh in progress"),
                "the inspector shows the refresh"
            );
            await inspector.Tab.ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Pictures, "inspector-refresh.png") });
            answer.SetResult();
            await Task.WhenAll(pages);

            await Expect((await inspector.OpenAsync()).Content).Not.ToContainTextAsync("Refresh in progress");
            await Expect(inspector.Outcomes.Filter(new() { HasText = "refreshed" })).ToHaveCountAsync(1);
            await Expect(inspector.Content).ToContainTextAsync("This request waited for the refresh of another request.");
            await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
        });

    [Fact]
    public Task The_countdown_of_the_access_token_starts_again_when_another_tab_refreshes() =>
        browser.VisitAsync(async visit =>
        {
            await visit.SignInAsync();
            var inspector = await new InspectorPage(await visit.NewTabAsync()).OpenAsync();
            await Expect(inspector.Countdown).ToHaveTextAsync(NearlyAMinute());

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(30));
            await Expect(inspector.Countdown).ToHaveTextAsync(HalfAMinute());
            Assert.InRange(await inspector.Life.EvaluateAsync<double>("life => life.value / life.max"), 0.3, 0.6);

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(25));
            await Expect(inspector.Countdown).ToHaveTextAsync(NearlyAMinute());
            Assert.InRange(await inspector.Life.EvaluateAsync<double>("life => life.value / life.max"), 0.8, 1);
        });

    [Theory, InlineData(+2), InlineData(-2)]
    public Task Its_countdown_is_right_on_a_computer_whose_clock_is_hours_wrong(int hours) =>
        browser.VisitAsync(
            async visit =>
            {
                var inspector = await new InspectorPage((await visit.SignInAsync()).Tab).OpenAsync();
                await Expect(inspector.Countdown).ToHaveTextAsync(NearlyAMinute());
            },
            clockIsOffBy: TimeSpan.FromHours(hours)
        );

    [Fact]
    public Task The_access_token_can_be_expired_before_its_time() =>
        browser.VisitAsync(async visit =>
        {
            var inspector = await new InspectorPage((await visit.SignInAsync()).Tab).OpenAsync();

            await inspector.PressAsync("Expire my access token");

            await Expect(inspector.State).ToHaveTextAsync("Signed in; the access token has expired");
            Assert.Null(await visit.CookieAsync(visit.Site.Options.AccessTokenCookie));
            Assert.Equal(0, visit.Site.Backend.Refreshes);
            await Expect((await new AppPage(inspector.Tab).OpenAsync()).Email).ToHaveTextAsync(DemoBackend.Email);
            Assert.Equal(1, visit.Site.Backend.Refreshes);
        });

    [Fact]
    public Task The_next_answer_can_be_lost_and_access_tokens_be_refused() =>
        browser.VisitAsync(async visit =>
        {
            var inspector = await new InspectorPage((await visit.SignInAsync()).Tab).OpenAsync();

            await inspector.PressAsync("Invalidate all access tokens");
            await Expect((await new AppPage(inspector.Tab).OpenAsync()).Email).ToHaveTextAsync(DemoBackend.Email);
            Assert.Equal(1, visit.Site.Backend.Refreshes);

            await inspector.OpenAsync();
            await inspector.PressAsync("Lose the next refresh response");
            await Expect(inspector.Content).ToContainTextAsync(nameof(DemoFault.DropAfterCommit));
            await inspector.PressAsync("Expire my access token");
            Assert.Equal(503, (await inspector.Tab.GotoAsync("/app"))!.Status);
        });

    [Fact]
    public Task The_backend_can_be_made_to_fail_and_to_work_again() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            var inspector = await new InspectorPage(app.Tab).OpenAsync();

            await inspector.Tab.GetByLabel("Fault").SelectOptionAsync(nameof(DemoFault.Hang));
            await inspector.PressAsync("Start fault");
            await Expect(inspector.Content).ToContainTextAsync("Hang");
            Assert.Equal(DemoFault.Hang, visit.Site.Backend.Faults.Fault);

            await inspector.PressAsync("Stop fault");
            await Expect(inspector.Content).ToContainTextAsync("normal");

            await inspector.PressAsync("Revoke all sessions");
            Assert.Equal(0, visit.Site.Backend.LiveSessions);
        });

    [Fact]
    public Task The_backend_can_be_made_to_fail_without_a_mouse() =>
        browser.VisitAsync(async visit =>
        {
            var keys = new Keyboard((await new InspectorPage((await visit.SignInAsync()).Tab).OpenAsync()).Tab);

            await keys.TabToAsync("Fault");
            await keys.TypeAsync("Hang");
            Assert.Equal("Start fault", await keys.TabAsync());
            await keys.PressAsync("Enter");

            await Visit.UntilAsync(() => visit.Site.Backend.Faults.Fault is DemoFault.Hang, "the backend hangs");
        });

    [Theory, MemberData(nameof(AppearanceTests.Looks), MemberType = typeof(AppearanceTests))]
    public Task It_is_accessible_and_fits_and_stands_still(ColorScheme colours, int width) =>
        browser.VisitAsync(
            async visit =>
            {
                await visit.WatchShiftsAsync();
                var tab = (await visit.SignInAsync()).Tab;
                await tab.GetByRole(AriaRole.Link, new() { Name = "Session inspector" }).ClickAsync();
                await Expect(new InspectorPage(tab).State).ToHaveTextAsync("Signed in");

                Assert.Empty(await Visit.ShiftsAsync(tab));
                await AppearanceTests.JudgeThisAsync(tab, $"inspector-{colours}-{width}");
            },
            look: (colours, width)
        );

    [Fact]
    public Task After_the_end_of_the_session_it_comes_back_from_the_cache_as_a_page_for_a_guest() =>
        browser.VisitAsync(async visit =>
        {
            var inspector = await new InspectorPage((await visit.SignInAsync()).Tab).OpenAsync();
            await visit.Browser.ClearCookiesAsync();

            await Visit.LeaveAsync(inspector.Tab, "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");

            await Expect(new SiteHeader(inspector.Tab).SignIn).ToBeVisibleAsync();
            await Expect(inspector.State).ToHaveTextAsync("Signed out");
        });

    [Fact]
    public async Task In_production_it_does_not_exist_and_no_page_links_to_it()
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var tab = (await visit.SignInAsync()).Tab;

                await Expect(tab.GetByRole(AriaRole.Link, new() { Name = "Session inspector" })).ToHaveCountAsync(0);
                Assert.Equal(404, (await tab.GotoAsync("/dev/session"))!.Status);
            }
        );
    }

    [Theory]
    [InlineData("Host", "rebound.example.com")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("Forwarded", "for=192.0.2.1")]
    public async Task Other_machines_cannot_open_it(string header, string value)
    {
        await using var site = new TestSite();
        using var client = new HttpClient { BaseAddress = site.Address };
        using var near = await client.GetAsync("/dev/session");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dev/session");
        request.Headers.TryAddWithoutValidation(header, value);

        using var far = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (near.StatusCode, far.StatusCode));
    }

    [GeneratedRegex(@"^0:5\d left$")]
    private static partial Regex NearlyAMinute();

    [GeneratedRegex(@"^0:[23]\d left$")]
    private static partial Regex HalfAMinute();
}
