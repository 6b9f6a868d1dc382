using Microsoft.Playwright;

namespace TokenSessionSite.EndToEnd.Pages;

public sealed class AppPage(IPage page)
{
    public IPage Tab => page;

    public ILocator Email => page.Locator("[data-email]");

    public ILocator SignOut => new SiteHeader(page).SignOut;

    /// <summary>Waits until scripts give the access token this many whole seconds more; none are left of one that has expired.</summary>
    public Task UntilSecondsLeftAsync(int least, int most) =>
        Visit.UntilAsync(
            async () => Math.Floor(await SecondsLeftAsync()) is var left && Math.Max(0, left) >= least && left <= most,
            $"the access token works for {least} to {most} seconds more"
        );

    /// <summary>The user looks at this tab again.</summary>
    public Task ComeBackAsync() => page.EvaluateAsync("() => { dispatchEvent(new Event('focus')); }");

    public async Task<AppPage> OpenAsync()
    {
        await page.GotoAsync("/app");
        return this;
    }

    private Task<double> SecondsLeftAsync() =>
        page.EvaluateAsync<double>("() => import('/js/token-session.js').then(it => it.secondsLeft())");
}
