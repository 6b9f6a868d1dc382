using System.Collections.Concurrent;
using EndToEnd.Pages;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>One user with one browser at one site.</summary>
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
            // Answers with 401 or 503 are part of some tests. Messages of scripts and of the security policy are errors.
            if (message.Type is "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                complaints.Enqueue(message.Text);
            }
        };
    }

    public TestSite Site { get; }

    public IBrowserContext Browser { get; }

    private int Questions => Count($"POST {Site.Options.BasePath}/refresh");

    /// <summary>How many times scripts asked the site to refresh, after each waiting script has its answer.</summary>
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
            "the site has answered each refresh request"
        );

    /// <summary>How many times the site received a request such as <c>GET /login</c>.</summary>
    public int Count(string request) => requests.Count(request.Equals);

    public Task<IPage> NewTabAsync() => Browser.NewPageAsync();

    public async Task<AppPage> SignInAsync()
    {
        var login = await new LoginPage(await NewTabAsync()).OpenAsync();
        return await login.SignInAsync();
    }

    public async Task<BrowserContextCookiesResult?> CookieAsync(string name) =>
        (await Browser.CookiesAsync()).FirstOrDefault(cookie => cookie.Name == name);

    /// <summary>The ticket in this browser's cookie, which only the site can read.</summary>
    public async Task<SessionTicket> TicketAsync()
    {
        var scheme = Site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(TokenSessionOptions.Scheme);
        var cookie = await CookieAsync(Site.Options.TicketCookie);
        return SessionTicket.Read(scheme.TicketDataFormat.Unprotect(cookie!.Value)!.Properties)!;
    }

    /// <summary>Until when scripts consider the access token valid; null for a guest.</summary>
    public async Task<string?> IndicatorAsync() => (await CookieAsync(Site.Options.SessionCookie))?.Value;

    /// <summary>Moves the clocks of the site and of the browser, as if the computer of the browser had slept.</summary>
    public async Task LetTimePassAsync(TimeSpan time)
    {
        Site.Clock.Advance(time);
        await Browser.Clock.FastForwardAsync((long)time.TotalMilliseconds);
    }

    /// <summary>Stops the time in the browser. From now on, only the test moves it.</summary>
    public async Task StopBrowserClockAsync(IPage tab)
    {
        // A clock can only be stopped at a time in the future, and a busy machine needs some time for the call.
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
                // It was too late: try a later time.
            }
        }
    }

    /// <summary>Starts a script that leaves the page. The script starts after this call, because Playwright gets no answer from a page
    /// that is being replaced.</summary>
    /// <param name="tab">The tab with the page.</param>
    /// <param name="script">A function of JavaScript.</param>
    /// <param name="argument">The argument of this function.</param>
    public static Task LeaveAsync(IPage tab, string script, object? argument = null) =>
        tab.EvaluateAsync($"argument => {{ setTimeout({script}, 0, argument); }}", argument);

    /// <summary>From now on, pages record which of their elements move without a user action. <see cref="ShiftsAsync"/> returns
    /// them.</summary>
    public Task WatchShiftsAsync() =>
        Browser.AddInitScriptAsync(
            """
            globalThis.shifts = [];
            new PerformanceObserver(list => {
              for (const { hadRecentInput, value, sources } of list.getEntries()) {
                if (!hadRecentInput) shifts.push(`${value}: ${sources.map(({ node }) => node?.outerHTML ?? node?.nodeName)}`);
              }
            }).observe({ type: 'layout-shift', buffered: true });
            """
        );

    /// <summary>Returns the elements that have moved so far, each with its share of the cumulative layout shift, after two
    /// frames.</summary>
    public static Task<string[]> ShiftsAsync(IPage tab) =>
        tab.EvaluateAsync<string[]>(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(globalThis.shifts))))"
        );

    /// <summary>Waits until a condition that no page shows is true.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string sentence)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, "This did not become true: " + sentence);
            await Task.Delay(50);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string sentence) => UntilAsync(() => Task.FromResult(condition()), sentence);

    /// <summary>Messages of the browser that start with this text are not errors: the test causes them, but not each time.</summary>
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
