using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>While the backend is not available, no user is signed out and no page sends too many requests. When it is available again,
/// everything works.</summary>
public sealed class OutageTests(BrowserFixture browser)
{
    private static readonly TimeSpan UntilExpired = TimeSpan.FromSeconds(65);

    [Fact]
    public Task After_an_outage_the_session_is_unchanged() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            var indicator = await visit.IndicatorAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.LetTimePassAsync(UntilExpired);
            await visit.UntilAnsweredAsync();
            await app.UntilSecondsLeftAsync(0, 0);
            Assert.Equal(indicator, await visit.IndicatorAsync());

            visit.Site.Backend.Faults.Clear();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(3));

            await app.UntilSecondsLeftAsync(50, 59);
            await Expect(app.Tab).ToHaveURLAsync(new Regex("/app$"));
        });

    [Fact]
    public Task A_public_page_is_not_reloaded_after_an_outage() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.LetTimePassAsync(UntilExpired);
            await app.Tab.GotoAsync("/");
            await app.Tab.EvaluateAsync("() => { globalThis.hasStayed = true; }");
            var before = await visit.IndicatorAsync();

            visit.Site.Backend.Faults.Clear();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(3));
            await Visit.UntilAsync(async () => await visit.IndicatorAsync() != before, "the session is refreshed");
            await visit.QuestionsAsync();

            Assert.True(await app.Tab.EvaluateAsync<bool>("() => globalThis.hasStayed === true"));
        });

    [Fact]
    public Task Pages_wait_as_long_as_the_site_says() =>
        browser.VisitAsync(async visit =>
        {
            visit.Site.Backend.Faults.RetryAfter = TimeSpan.FromSeconds(50);
            await visit.SignInAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.LetTimePassAsync(UntilExpired);
            await visit.UntilAnsweredAsync();

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(45));
            Assert.Equal(1, await visit.QuestionsAsync());

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(40));
            await visit.UntilAnsweredAsync(before: 1);
        });

    [Fact]
    public Task A_computer_that_is_online_again_refreshes_at_once() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            await visit.Browser.SetOfflineAsync(true);
            for (var seconds = 65; seconds < 600; seconds += 60)
            {
                await visit.LetTimePassAsync(TimeSpan.FromMinutes(1));
                await app.ComeBackAsync();
            }

            // The next attempt would be up to three minutes later.
            Assert.InRange(await visit.QuestionsAsync(), 3, 9);
            await visit.Browser.SetOfflineAsync(false);

            await app.UntilSecondsLeftAsync(50, 59);
        });

    [Fact]
    public Task A_page_that_said_try_again_is_reloaded_when_the_backend_is_back() =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");
            await visit.LetTimePassAsync(UntilExpired);
            // After the user leaves a page, the page receives no response.
            await visit.UntilAnsweredAsync();
            await app.OpenAsync();
            await Expect(app.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Try again in a moment");
            await Expect(app.Tab.GetByRole(AriaRole.Link, new() { Name = "Try again" })).ToHaveAttributeAsync("href", "/app");
            await visit.UntilAnsweredAsync(before: 1);

            visit.Site.Backend.Faults.Clear();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(3));

            await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
        });

    [Theory, InlineData(true), InlineData(false)]
    public Task If_a_data_call_fails_the_page_says_try_again(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var app = await visit.SignInAsync();
                visit.Site.Backend.Faults.Break(DemoFault.Refused, DemoBackendHandler.UserPath);

                var answer = await app.Tab.GotoAsync("/app");

                Assert.Equal(503, answer!.Status);
                visit.Site.Backend.Faults.Clear();
                await app.Tab.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
                await Expect(app.Email).ToHaveTextAsync(DemoBackend.Email);
            },
            withScripts
        );
}
