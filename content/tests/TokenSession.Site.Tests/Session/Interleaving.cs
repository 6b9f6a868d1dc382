using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

public enum Step
{
    Ask,
    Deliver,
    Lose,
    CloseTab,
    HoldBackend,
    ReleaseBackend,
    Wait,
    StayAway,
    InvalidateAccessTokens,
    Break,
    ClearFault,
    LoseExchange,
    SignOut,
}

/// <summary>One run: a browser, the pending requests of its tabs, and the expected state of the session.</summary>
internal sealed class Interleaving(TestSite site, ActiveRefreshes flights, TestBrowser browser)
{
    private static readonly string[] Paths = ["/app", "/", "/api/auth/refresh", "/app"];

    private static readonly DemoFault[] Faults =
    [
        DemoFault.Unavailable,
        DemoFault.TooManyRequests,
        DemoFault.Refused,
        DemoFault.Reset,
        DemoFault.Html,
        DemoFault.Empty,
    ];

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private readonly List<Request> underWay = [];

    private readonly List<string> told = [];

    /// <summary>The time at which this browser first sent a ticket of this generation.</summary>
    private readonly SortedDictionary<int, DateTimeOffset> presented = [];

    private TaskCompletionSource? held;
    private bool isSignedOut,
        exchangeWasLost;

    public static async Task<int> RunAsync(TestSite site, ActiveRefreshes flights, (Step Step, int Pick)[] steps)
    {
        site.Log.Entries.Clear();
        site.Backend.Faults.Clear();
        site.Backend.Faults.Gate = Task.CompletedTask;
        var (before, reuses) = (site.Backend.Refreshes, site.Backend.Reuses);
        var run = new Interleaving(site, flights, await site.NewSignedInBrowserAsync());
        foreach (var (step, pick) in steps)
        {
            await run.TakeAsync(step, pick);
        }

        await run.FinishAsync();
        Assert.Equal(reuses, site.Backend.Reuses);
        return site.Backend.Refreshes - before;
    }

    private async Task TakeAsync(Step step, int pick)
    {
        told.Add(
            $"{site.Time.GetUtcNow():HH:mm:ss} {step} {pick}, {underWay.Count} under way, generation {site.TicketOf(browser)?.Generation}"
        );
        switch (step)
        {
            case Step.Ask when underWay.Count < 8 && browser.Ticket is not null:
                await AskAsync(Paths[pick % Paths.Length]);
                break;

            case Step.Deliver
            or Step.Lose when underWay.Count > 0:
                var request = underWay[pick % underWay.Count];
                if (request.Answer.IsCompleted)
                {
                    underWay.Remove(request);
                    await ArriveAsync(request, isLost: step is Step.Lose);
                }

                break;

            case Step.CloseTab when underWay.Count > 0:
                var closed = underWay[pick % underWay.Count];
                underWay.Remove(closed);
                await closed.Tab.CancelAsync();
                break;

            case Step.HoldBackend when held is null:
                held = new(TaskCreationOptions.RunContinuationsAsynchronously);
                site.Backend.Faults.Gate = held.Task;
                break;

            case Step.ReleaseBackend:
                await ReleaseAsync();
                break;

            case Step.Wait:
                site.Time.Advance(TimeSpan.FromSeconds(1 + (pick % 15)));
                break;

            case Step.StayAway:
                await ReleaseAsync();
                site.Time.Advance(
                    TimeSpan.FromSeconds(
                        (pick % 3) switch
                        {
                            0 => 90,
                            1 => 200,
                            _ => 5000,
                        }
                    )
                );
                break;

            case Step.InvalidateAccessTokens:
                site.Backend.InvalidateAccessTokens();
                break;

            case Step.Break:
                site.Backend.Faults.Break(Faults[pick % Faults.Length], path: "/auth/refresh");
                break;

            case Step.ClearFault:
                site.Backend.Faults.Clear();
                break;

            case Step.LoseExchange:
                site.Backend.Faults.Break(DemoFault.DropAfterCommit, path: "/auth/refresh", times: 1);
                exchangeWasLost = true;
                break;

            case Step.SignOut when !isSignedOut && browser.Ticket is not null:
                await ReleaseAsync();
                (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
                isSignedOut = true;
                break;
        }
    }

    private async Task AskAsync(string path)
    {
        var generation = site.TicketOf(browser)!.Generation;
        presented.TryAdd(generation, site.Time.GetUtcNow());
        var tab = new CancellationTokenSource();
        var method = path is "/api/auth/refresh" ? HttpMethod.Post : HttpMethod.Get;
        var answer = SendAsync(new(method, path), tab.Token);
        underWay.Add(new(path, generation, tab, answer));
        if (held is null)
        {
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken tab) =>
        new(await browser.SendAndForgetAsync(request, cancellationToken: tab), site.Time.GetUtcNow());

    private async Task ArriveAsync(Request request, bool isLost)
    {
        var (answer, answeredAt) = await request.Answer;
        if (!isLost)
        {
            browser.Keep(answer);
        }

        var isOver =
            answer.StatusCode is HttpStatusCode.Unauthorized
            || (
                answer.StatusCode is HttpStatusCode.Redirect
                && answer.Headers.Location!.OriginalString.StartsWith("/login", StringComparison.Ordinal)
            );
        Assert.True(
            !isOver || isSignedOut || exchangeWasLost || !IsGood(request.Generation, answeredAt),
            $"{request.Path} ended a session that could have been kept: {(int)answer.StatusCode} for generation {request.Generation}.\n{string.Join('\n', told)}"
        );
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    /// <summary>All faults are repaired. A browser with a valid cookie is served now and after the next expiry.</summary>
    private async Task FinishAsync()
    {
        await ReleaseAsync();
        site.Backend.Faults.Clear();
        foreach (var request in underWay)
        {
            await ArriveAsync(request, isLost: false);
        }

        underWay.Clear();
        for (var expiry = 0; expiry < 2 && !isSignedOut && !exchangeWasLost && browser.Ticket is not null; expiry++)
        {
            site.Time.Advance(TimeSpan.FromSeconds(61));
            if (IsGood(site.TicketOf(browser)!.Generation, site.Time.GetUtcNow()))
            {
                await AskAsync("/app");
                var last = underWay[^1];
                underWay.Clear();
                await ArriveAsync(last, isLost: false);
                var status = (await last.Answer).Response.StatusCode;
                Assert.True(status is HttpStatusCode.OK, $"{(int)status} although everything works again.\n{string.Join('\n', told)}");
            }
        }

        if (isSignedOut)
        {
            var status = (await browser.GetAsync("/app")).StatusCode;
            Assert.True(status is HttpStatusCode.Redirect, $"{(int)status} after the sign-out.\n{string.Join('\n', told)}");
        }
    }

    private async Task ReleaseAsync()
    {
        if (held is null)
        {
            return;
        }

        site.Backend.Faults.Gate = Task.CompletedTask;
        held.SetResult();
        held = null;

        // If a data call timed out in the meantime, it is retried after a pause on this clock.
        await site.AdvanceUntilAsync(Task.WhenAll(underWay.Select(request => request.Answer)), atMost: TimeSpan.FromSeconds(15));

        // If a token were issued before a jump of the clock and received after it, it would already have expired.
        await flights.LandedAsync();
    }

    /// <summary>Applies the rule of the grace period at the time of the response, with the data of all browsers. A request can take a long
    /// time before the site reads its cookie.</summary>
    private bool IsGood(int generation, DateTimeOffset at) =>
        presented.Where(other => other.Key > generation).All(other => at - other.Value <= Grace);

    private sealed record Request(string Path, int Generation, CancellationTokenSource Tab, Task<Answer> Answer);

    private sealed record Answer(HttpResponseMessage Response, DateTimeOffset At);
}
