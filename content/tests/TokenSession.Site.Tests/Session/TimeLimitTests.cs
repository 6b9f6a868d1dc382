using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Only the settings decide how long the site waits for the backend.</summary>
public sealed class TimeLimitTests
{
    [Theory]
    [InlineData("00:00:20", HttpStatusCode.OK), InlineData("00:00:05", HttpStatusCode.ServiceUnavailable)]
    public async Task A_refresh_may_take_as_long_as_the_setting_says(string limit, HttpStatusCode expected)
    {
        await using var site = new TestSite().With("TokenSession:RefreshTimeout", limit);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var page = browser.GetAsync("/app");
        await Wait.UntilAsync(() => site.RefreshCalls is 1);

        AdvanceTwelveSeconds(site, gate);

        (await page).ShouldBe(expected);
    }

    [Theory]
    [InlineData("00:00:20", HttpStatusCode.OK), InlineData("00:00:05", HttpStatusCode.ServiceUnavailable)]
    public async Task A_sign_in_may_take_as_long_as_the_setting_says(string limit, HttpStatusCode expected)
    {
        await using var site = new TestSite().With("TokenSession:SignInTimeout", limit);
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var browser = site.NewBrowser();
        var signIn = browser.SignInAsync();
        await Wait.UntilAsync(() => site.Calls("/auth/login") is 1);

        AdvanceTwelveSeconds(site, gate);

        (await signIn).ShouldBe(expected);
    }

    [Fact]
    public async Task Each_of_the_two_settings_limits_its_own_call()
    {
        await using var site = new TestSite()
            .With("TokenSession:SignInTimeout", "00:00:05")
            .With("TokenSession:RefreshTimeout", "00:00:20");
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var page = browser.GetAsync("/app");
        await Wait.UntilAsync(() => site.RefreshCalls is 1);

        AdvanceTwelveSeconds(site, gate);

        (await page).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>This limit would use the real clock and end a call before the setting does.</summary>
    [Fact]
    public async Task The_client_of_the_adapter_has_no_time_limit_of_its_own()
    {
        var timeouts = new ConcurrentQueue<TimeSpan>();
        await using var site = new TestSite().With(services =>
            services.PostConfigureAll<HttpClientFactoryOptions>(options =>
                options.HttpClientActions.Add(client => timeouts.Enqueue(client.Timeout))
            )
        );

        // In this test, only the sign-in, the refresh and the sign-out call the backend.
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        await browser.RefreshAsync();
        await browser.SignOutAsync();

        Assert.Equal((1, 1, 1), (site.Calls("/auth/login"), site.RefreshCalls, site.Calls("/auth/logout")));
        Assert.NotEmpty(timeouts);
        Assert.All(timeouts, timeout => Assert.Equal(Timeout.InfiniteTimeSpan, timeout));
    }

    /// <summary>The time that the backend needs to answer.</summary>
    private static void AdvanceTwelveSeconds(TestSite site, TaskCompletionSource gate)
    {
        for (var second = 0; second < 12; second++)
        {
            site.Time.Advance(TimeSpan.FromSeconds(1));
        }

        gate.SetResult();
    }
}
