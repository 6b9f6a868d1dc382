using System.Text.RegularExpressions;
using EndToEnd.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd;

/// <summary>What the account page tells of the session.</summary>
public sealed partial class AccountTests(BrowserFixture browser)
{
    [Fact]
    public Task The_countdown_is_of_the_access_token_and_begins_anew_when_it_is_refreshed() =>
        browser.VisitAsync(async visit =>
        {
            var countdown = Countdown(await visit.SignInAsync());
            await Expect(countdown).ToHaveTextAsync(NearlyAMinute());
            visit.Site.Backend.Faults.Break(DemoFault.Unavailable, "/auth/refresh");

            await visit.LetTimePassAsync(TimeSpan.FromSeconds(30));
            await Expect(countdown).ToHaveTextAsync(HalfAMinute());
            await visit.LetTimePassAsync(TimeSpan.FromSeconds(35));
            await Expect(countdown).ToHaveTextAsync("due for renewal");

            visit.Site.Backend.Faults.Mend();
            await visit.LetTimePassAsync(TimeSpan.FromMinutes(3));
            await Expect(countdown).ToHaveTextAsync(NearlyAMinute());
        });

    [Theory, InlineData(+2), InlineData(-2)]
    public async Task Also_in_production_and_on_a_computer_with_a_clock_hours_off(int hours)
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit => await Expect(Countdown(await visit.SignInAsync())).ToHaveTextAsync(NearlyAMinute()),
            clockIsOffBy: TimeSpan.FromHours(hours)
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public Task Its_link_signs_out(bool withScripts) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = (await visit.SignInAsync()).Tab;

                await tab.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();

                if (!withScripts)
                {
                    await new LogoutPage(tab).SignOut.ClickAsync();
                }

                await Expect(new SiteHeader(tab).SignIn).ToBeVisibleAsync();
                Assert.Equal(0, visit.Site.Backend.LiveSessions);
            },
            withScripts
        );

    private static ILocator Countdown(AppPage app) => app.Tab.Locator("[data-countdown]");

    [GeneratedRegex(@"^0:5\d left$")]
    private static partial Regex NearlyAMinute();

    [GeneratedRegex(@"^0:[23]\d left$")]
    private static partial Regex HalfAMinute();
}
