using System.Collections.Concurrent;
using EndToEnd.Pages;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>One user in front of one browser, looking at one site.</summary>
public sealed class Visit
{
    /// <summary>In milliseconds: two seconds plus the delay of a busy machine. This is well before the next regular check of the module (30
    /// s).</summary>
    public const int Soon = 10_000;

    private readonly ConcurrentQueue<string> requests = [],
        answers = [],
        complaints = [];

    private string? allowed;

    public Visit(TestSite site, IBrowserContext browser)
    {
        (Site, Browser) = (site, browser);
        browser.Request += (_, request) => Note(new Uri(request.Url), request.Method);
        browser.Response += (_, response) => answers.Enqueue(new Uri(response.Url).AbsolutePath);
        browser.WebError += (_, error) => complaints.Enqueue(error.Error);
        browser.Console += (_, message) =>
        {
            // A page that is answered with 401 or 503 is one of the things under test; what scripts and the security policy say is not.
            if (message.Type is "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                complaints.Enqueue(message.Text);
            }
        };
    }

    public TestSite Site { get; }

    public IBrowserContext Browser { get; }

    private int Questions => Count($"POST {Site.Options.BasePath}/refresh");

    /// <summary>How often scripts asked the site to refresh, once all who are about to ask have their answer.</summary>
    public async Task<int> QuestionsAsync()
    {
        foreach (var tab in Browser.Pages)
        {
            // A script holds this lock while it sends its request. Other scripts that want to send a request wait for the lock.
            await tab.EvaluateAsync("name => navigator.locks?.request(name, () => {})", $"{Site.Options.CookiePrefix}_refresh");
        }

        return Questions;
    }

    /// <summary>Waits until scripts have sent at least one more request than before, and no script waits for a response.</summary>
    public Task UntilAnsweredAsync(int before = 0) =>
        UntilAsync(
            () => Questions > before && answers.Count(path => path == $"{Site.Options.BasePath}/refresh") == Questions,
            "the site has answered everybody who asked it to refresh"
        );

    /// <summary>How often this was asked of the site: <c>GET /login</c>.</summary>
    public int Count(string request) => requests.Count(request.Equals);

    public Task<IPage> NewTabAsync() => Browser.NewPageAsync();

    public async Task<AppPage> SignInAsync()
    {
        var login = await new LoginPage(await NewTabAsync()).OpenAsync();
        return await login.SignInAsync();
    }

    public async Task<BrowserContextCookiesResult?> CookieAsync(string name) =>
        (await Browser.CookiesAsync()).FirstOrDefault(cookie => cookie.Name == name);

    /// <summary>What only the site can read: the ticket in this browser's cookie.</summary>
    public async Task<SessionTicket> TicketAsync()
    {
        var scheme = Site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(TokenSessionOptions.Scheme);
        var cookie = await CookieAsync(Site.Options.TicketCookie);
        return SessionTicket.Read(scheme.TicketDataFormat.Unprotect(cookie!.Value)!.Properties)!;
    }

    /// <summary>Until when scripts believe in the access token; null for a guest.</summary>
    public async Task<string?> IndicatorAsync() => (await CookieAsync(Site.Options.SessionCookie))?.Value;

    /// <summary>Moves the clocks of the site and of the browser, as if the computer of the browser had slept.</summary>
    public async Task LetTimePassAsync(TimeSpan time)
    {
        Site.Clock.Advance(time);
        await Browser.Clock.FastForwardAsync((long)time.TotalMilliseconds);
    }

    /// <summary>From now on time passes in the browser only where a test lets it pass.</summary>
    public async Task StopBrowserClockAsync(IPage tab)
    {
        // A clock can only be stopped ahead of its time, and a busy machine takes a while to say so.
        for (var ahead = 50; ; ahead *= 4)
        {
            try
            {
                await Browser.Clock.PauseAtAsync(
                    DateTime.UnixEpoch.AddMilliseconds(await tab.EvaluateAsync<double>("() => Date.now()") + ahead)
                );
                return;
            }
            catch (PlaywrightException) when (ahead < 500)
            {
                // It was too late: further ahead.
            }
        }
    }

    /// <summary>From now on, pages measure how much of their layout moved without a user action. <see cref="ShiftAsync"/> returns the
    /// result.</summary>
    public Task WatchShiftsAsync() =>
        Browser.AddInitScriptAsync(
            """
            globalThis.shift = 0;
            new PerformanceObserver(list => {
              for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shift += entry.value;
            }).observe({ type: 'layout-shift', buffered: true });
            """
        );

    /// <summary>How much moved so far (cumulative layout shift), two frames from now.</summary>
    public static Task<double> ShiftAsync(IPage tab) =>
        tab.EvaluateAsync<double>(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(globalThis.shift))))"
        );

    /// <summary>Waits, not longer than needed, until something that no page shows has come true.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string sentence)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, "This did not come true: " + sentence);
            await Task.Delay(50);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string sentence) => UntilAsync(() => Task.FromResult(condition()), sentence);

    /// <summary>Messages of the browser that start with this text are no complaints: the browser sends them for what the test is about, and
    /// not each time.</summary>
    public void AllowMessage(string start) => allowed = start;

    public void AssertThatNoPageComplained() =>
        Assert.DoesNotContain(complaints, message => allowed is null || !message.StartsWith(allowed, StringComparison.Ordinal));

    private void Note(Uri url, string method)
    {
        requests.Enqueue($"{method} {url.AbsolutePath}");
        if (url.Scheme is "http" or "https" && url.Authority != Site.Address.Authority)
        {
            complaints.Enqueue($"A request left the site: {url}");
        }
    }
}
