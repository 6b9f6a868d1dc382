using System.Net;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The time limits and the retries of the calls that a page waits for.</summary>
public sealed class DataApiTests
{
    private readonly ItemsBackend backend = new();

    [Theory]
    [InlineData("GET", 5), InlineData("GET", 9), InlineData("POST", 9), InlineData("DELETE", 9)]
    public async Task A_slow_call_has_the_whole_time_limit(string method, int seconds)
    {
        await using var site = backend.NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        backend.Answer = async (_, cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), site.Time, cancellationToken);
            return ItemsBackend.Json(HttpStatusCode.OK, new Item("slow"));
        };

        var (arrival, asked) = (backend.Arrival, browser.SendAsync(new(new HttpMethod(method), "/item")));
        await arrival;
        site.Time.Advance(TimeSpan.FromSeconds(seconds));

        (await asked).ShouldBe(HttpStatusCode.OK);
        Assert.Single(backend.Calls);
    }

    [Theory]
    [
        InlineData("GET", "/item", 10, null, null),
        InlineData("POST", "/item", 10, null, null),
        InlineData("DELETE", "/item", 10, null, null),
        InlineData("GET", "/item", 3, "Backend:DataTimeout", "00:00:03"),
        InlineData("POST", "/file", 300, null, null),
        InlineData("POST", "/file", 3, "Backend:UploadTimeout", "00:00:03")
    ]
    public async Task A_call_that_reaches_its_time_limit_is_not_repeated_and_says_try_again(
        string method,
        string path,
        int seconds,
        string? setting,
        string? value
    )
    {
        await using var site = setting is null ? backend.NewSite() : backend.NewSite().With(setting, value!);
        var browser = await site.NewSignedInBrowserAsync();
        CancellationToken limit = default;
        backend.Answer = async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, limit = cancellationToken).WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
            return new();
        };

        var content = method is "POST" ? new StreamContent(new MemoryStream([1])) : null;
        var (arrival, asked) = (backend.Arrival, browser.SendAsync(new(new HttpMethod(method), path) { Content = content }));
        await arrival;
        site.Time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
        var isTooEarly = limit.IsCancellationRequested;
        site.Time.Advance(TimeSpan.FromSeconds(0.1));
        var isInTime = limit.IsCancellationRequested;
        await site.AdvanceUntilAsync(asked, atMost: TimeSpan.FromMinutes(1));

        (await asked).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Equal((false, true), (isTooEarly, isInTime));
        Assert.Single(backend.Calls);
    }

    [Theory]
    [
        InlineData("GET", "1", 2),
        InlineData("GET", "0", 1),
        InlineData("GET", "3", 4),
        InlineData("POST", "3", 1),
        InlineData("DELETE", "3", 1)
    ]
    public async Task Only_calls_that_change_nothing_are_repeated_as_often_as_the_setting_says(string method, string retries, int calls)
    {
        await using var site = backend.NewSite().With("Backend:DataRetries", retries);
        var browser = await site.NewSignedInBrowserAsync();
        backend.Answer = (_, _) => throw new HttpRequestException(HttpRequestError.ResponseEnded, "reset");

        var asked = browser.SendAsync(new(new HttpMethod(method), "/item"));
        await site.AdvanceUntilAsync(asked, atMost: TimeSpan.FromSeconds(9));

        (await asked).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(calls, backend.Calls.Count);
    }

    [Theory]
    [
        InlineData(30, false, null, 1),
        InlineData(30, true, null, 1),
        InlineData(3, false, null, 1),
        InlineData(2, false, null, 2),
        InlineData(4, false, "00:00:04", 2)
    ]
    public async Task A_page_waits_only_for_a_short_Retry_After_and_passes_on_a_long_one(
        int seconds,
        bool isDate,
        string? setting,
        int calls
    )
    {
        await using var site = setting is null ? backend.NewSite() : backend.NewSite().With("Backend:MaxRetryAfter", setting);
        var browser = await site.NewSignedInBrowserAsync();
        var wait = TimeSpan.FromSeconds(seconds);
        backend.Answer = (_, _) =>
        {
            var answer = ItemsBackend.Json(HttpStatusCode.TooManyRequests, "later");
            answer.Headers.RetryAfter = isDate ? new(site.Time.GetUtcNow() + wait) : new(wait);
            return Task.FromResult(answer);
        };

        var asked = browser.GetAsync("/item");
        await site.AdvanceUntilAsync(asked, atMost: TimeSpan.FromMinutes(1));

        var answer = await asked;
        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, seconds - 1, seconds);
        Assert.Equal(calls, backend.Calls.Count);
    }

    [Fact]
    public async Task A_failing_endpoint_of_the_backend_does_not_stop_the_calls_of_the_others()
    {
        await using var site = backend.NewSite().With("Backend:DataRetries", "0");
        var browser = await site.NewSignedInBrowserAsync();
        backend.Answer = (request, _) =>
            Task.FromResult(
                ItemsBackend.Json(
                    request.Method == HttpMethod.Post ? HttpStatusCode.InternalServerError : HttpStatusCode.OK,
                    new Item("first")
                )
            );

        for (var call = 0; call < 300; call++)
        {
            var method = call % 3 is 0 ? HttpMethod.Post : HttpMethod.Get;
            var answer = await browser.SendAsync(new(method, "/item"));
            answer.ShouldBe(method == HttpMethod.Post ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        }
    }
}
