using Microsoft.Playwright;

namespace EndToEnd.Pages;

public sealed class AppPage(IPage page)
{
    public IPage Tab => page;

    public ILocator Email => page.Locator("[data-email]");

    public ILocator SignOut => new SiteHeader(page).SignOut;

    /// <summary>Waits until scripts see this many whole seconds before the access token expires. An expired token has no seconds left. If
    /// the user is signed out, this wait fails.</summary>
    public Task UntilSecondsLeftAsync(int least, int most) =>
        Visit.UntilAsync(
            async () => await SecondsLeftAsync() is { } left && Math.Max(0, Math.Floor(left)) >= least && Math.Floor(left) <= most,
            $"the access token works for {least} to {most} seconds more"
        );

    /// <summary>The user looks at this tab again.</summary>
    public Task ComeBackAsync() => page.EvaluateAsync("() => { dispatchEvent(new Event('focus')); }");

    public async Task<AppPage> OpenAsync()
    {
        await page.GotoAsync("/app");
        return this;
    }

    private Task<double?> SecondsLeftAsync() =>
        page.EvaluateAsync<double?>("() => import('/js/token-session.js').then(it => it.isSignedIn() ? it.secondsLeft() : null)");
}
