using EndToEnd.Pages;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

public sealed class RefreshTests(BrowserFixture browser)
{
    private static readonly TimeSpan UntilStale = TimeSpan.FromSeconds(55),
        UntilExpired = TimeSpan.FromSeconds(65);

    [Theory, InlineData(true), InlineData(false)]
    public Task A_page_that_is_requested_with_an_expired_access_token_is_refreshed_before_it_renders(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                var before = await visit.IndicatorAsync();
                await app.Tab.GotoAsync("about:blank");

                visit.Site.Clock.Advance(UntilExpired);
                await app.OpenAsync();

                await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
                Assert.Equal(1, visit.Site.Backend.Refreshes);
                Assert.NotEqual(before, await visit.IndicatorAsync());
            },
            withScripts
        );

    [Fact]
    public Task An_open_page_refreshes_before_the_access_token_expires() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(5);
            var app = await visit.SignInAsync();
            var before = await visit.IndicatorAsync();
            visit.Site.Backend.AccessTokenLifetime = TimeSpan.FromMinutes(1);

            await Visit.UntilAsync(async () => await visit.IndicatorAsync() != before, "the session indicator changed");

            Assert.Equal(1, visit.Site.Backend.Refreshes);
            await app.UntilSecondsLeftAsync(50, 60);
        });

    [Fact]
    public Task A_fresh_access_token_is_not_refreshed() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(40));
            await app.ComeBackAsync();
            await app.UntilSecondsLeftAsync(15, 20);

            Assert.Equal(0, await visit.QuestionsAsync());
        });

    [Theory, InlineData(+2), InlineData(-2)]
    public Task A_computer_whose_clock_is_hours_wrong_refreshes_in_time(int hours) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                await app.UntilSecondsLeftAsync(50, 59);
                await visit.LetTimePassAsync(TimeSpan.FromSeconds(40));
                await app.UntilSecondsLeftAsync(10, 19);
                Assert.Equal(0, await visit.QuestionsAsync());

                await visit.LetTimePassAsync(TimeSpan.FromSeconds(15));

                await app.UntilSecondsLeftAsync(50, 59);
                Assert.Equal((1, 1), (await visit.QuestionsAsync(), visit.Site.Backend.Refreshes));
            },
            clockIsOffBy: TimeSpan.FromHours(hours)
        );

    [Fact]
    public Task After_a_weekend_of_sleep_a_computer_is_still_signed_in() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();

            await visit.LetTimePassAsync(TimeSpan.FromHours(60));
            await app.ComeBackAsync();

            await app.UntilSecondsLeftAsync(50, 59);
            Assert.Equal((1, 1), (await visit.QuestionsAsync(), visit.Site.Backend.Refreshes));
        });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public Task Six_tabs_restored_after_the_access_token_expired_cost_one_refresh(int time) =>
        browser.VisitAsync(async visit =>
        {
            var tabs = new List<AppPage> { await visit.SignInAsync() };
            while (tabs.Count < 6)
            {
                // Each has its own address, because a browser sends one request at a time for an address.
                tabs.Add(new AppPage(await visit.NewTabAsync()));
                await tabs[^1].Tab.GotoAsync($"/app?tab={tabs.Count}");
            }

            // All requests arrive during the refresh.
            var (before, gate) = (visit.Count("GET /app"), new TaskCompletionSource());
            visit.Site.Backend.Faults.Gate = gate.Task;
            visit.Site.Clock.Advance(UntilExpired);
            var reloads = tabs.Select(tab => tab.Tab.ReloadAsync()).ToList();
            await Visit.UntilAsync(() => visit.Count("GET /app") == before + tabs.Count, "all tabs ask for their page");
            gate.SetResult();
            await Task.WhenAll(reloads);

            foreach (var tab in tabs)
            {
                await Expect(tab.Email).ToHaveTextAsync(DemoBackend.Email);
            }

            // A failure shows which of the five rounds it was.
            Assert.Equal((time, 1, 0), (time, visit.Site.Backend.Refreshes, visit.Site.Backend.Reuses));
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task Twenty_tabs_that_wake_together_cost_one_refresh(bool withLocksAndMessages) =>
        browser.VisitAsync(async visit =>
        {
            if (!withLocksAndMessages)
            {
                await visit.Browser.AddInitScriptAsync(
                    """
                    delete Navigator.prototype.locks;
                    Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('Blocked', 'SecurityError'); } });
                    """
                );
            }

            var tabs = new List<AppPage> { await visit.SignInAsync() };
            while (tabs.Count < 20)
            {
                tabs.Add(await new AppPage(await visit.NewTabAsync()).OpenAsync());
            }

            Assert.Equal(0, await visit.QuestionsAsync());
            await visit.LetTimePassAsync(UntilExpired);

            foreach (var tab in tabs)
            {
                await tab.UntilSecondsLeftAsync(50, 59);
            }

            await visit.UntilAnsweredAsync();
            Assert.Equal((1, 0), (visit.Site.Backend.Refreshes, visit.Site.Backend.Reuses));
            // With locks, one tab sends the request and the others read its result. A tab that has waited too long for the lock also sends
            // a request.
            Assert.InRange(await visit.QuestionsAsync(), 1, withLocksAndMessages ? tabs.Count / 2 : tabs.Count);
        });

    [Fact]
    public Task A_tab_that_never_releases_the_lock_does_not_stop_the_refresh_of_the_others() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await (await visit.NewTabAsync()).GotoAsync("/css/site.css");
            await visit
                .Browser.Pages[^1]
                .EvaluateAsync(
                    "name => { navigator.locks.request(name, () => new Promise(() => {})); }",
                    $"{visit.Site.Options.CookiePrefix}_refresh"
                );

            await visit.LetTimePassAsync(UntilExpired);

            await app.UntilSecondsLeftAsync(50, 59);
        });

    [Fact]
    public Task Twenty_focus_events_cause_one_request() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.StopBrowserClockAsync(app.Tab);
            await visit.LetTimePassAsync(UntilStale);
            await visit.UntilAnsweredAsync();

            for (var time = 0; time < 20; time++)
            {
                await app.ComeBackAsync();
                await visit.LetTimePassAsync(TimeSpan.FromMilliseconds(200));
            }

            Assert.Equal(1, await visit.QuestionsAsync());
        });

    [Fact]
    public Task An_access_token_of_a_month_needs_no_timer_of_a_month() =>
        browser.VisitAsync(async visit =>
        {
            // Browsers count milliseconds in 32 bits: a timer of more than 24.8 days would fire at once, again and again.
            await visit.Browser.AddInitScriptAsync(
                """
                globalThis.longestDelay = 0;
                const start = globalThis.setTimeout;
                globalThis.setTimeout = (work, delay, ...more) => {
                  globalThis.longestDelay = Math.max(globalThis.longestDelay, delay);
                  return start(work, delay, ...more);
                };
                """
            );
            visit.Site.Backend.AccessTokenLifetime = TimeSpan.FromDays(28);
            var app = await visit.SignInAsync();

            await visit.LetTimePassAsync(TimeSpan.FromDays(1));
            await app.ComeBackAsync();

            Assert.Equal(0, await visit.QuestionsAsync());
            Assert.InRange(await app.Tab.EvaluateAsync<double>("() => globalThis.longestDelay"), 1_000, 30_000);
        });
}
