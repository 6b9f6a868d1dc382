using System.Collections.Concurrent;
using Microsoft.Playwright;
using TokenSessionSite.EndToEnd.Pages;

namespace TokenSessionSite.EndToEnd;

/// <summary>One user in front of one browser, looking at one site.</summary>
public sealed class Visit
{
    private readonly ConcurrentQueue<string> complaints = [];

    public Visit(Site site, IBrowserContext browser)
    {
        (Site, Browser) = (site, browser);
        browser.WebError += (_, error) => complaints.Enqueue(error.Error);
        browser.Console += (_, message) =>
        {
            // A page that is answered with 401 or 503 is one of the things under test; what scripts and the security policy say is not.
            if (message.Type is "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                complaints.Enqueue(message.Text);
            }
        };
        browser.Request += (_, request) =>
        {
            if (new Uri(request.Url) is var url && url.Scheme is "http" or "https" && url.Authority != site.Address.Authority)
            {
                complaints.Enqueue($"A request left the site: {request.Url}");
            }
        };
    }

    public Site Site { get; }

    public IBrowserContext Browser { get; }

    public async Task<IPage> NewTabAsync() => await Browser.NewPageAsync();

    public async Task<AppPage> SignInAsync()
    {
        var login = await new LoginPage(await NewTabAsync()).OpenAsync();
        return await login.SignInAsync();
    }

    public async Task<BrowserContextCookiesResult?> CookieAsync(string name) =>
        (await Browser.CookiesAsync()).FirstOrDefault(cookie => cookie.Name == name);

    /// <summary>The moment until which scripts may believe in the access token.</summary>
    public async Task<string?> IndicatorAsync() => (await CookieAsync(Site.Options.SessionCookie))?.Value;

    public void AssertThatNoPageComplained() => Assert.Empty(complaints);
}
