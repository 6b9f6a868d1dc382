using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>If the backend cannot answer, the site signs no user out and does not send it too many calls.</summary>
public sealed class OutageTests
{
    /// <summary>The failures that give no information about the session.</summary>
    public static TheoryData<DemoFault> Transient =>
        [
            DemoFault.Unavailable,
            DemoFault.TooManyRequests,
            DemoFault.Refused,
            DemoFault.Reset,
            DemoFault.Html,
            DemoFault.Empty,
            DemoFault.OtherJson,
        ];

    [Theory, MemberData(nameof(Transient))]
    public async Task With_an_expired_token_the_page_says_try_again_and_the_session_works_when_the_backend_does(DemoFault fault)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(fault);

        var answer = await browser.GetAsync("/app");

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.ShouldSetNoCookies();
        Assert.True(answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("try again", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(0, site.Backend.Reuses);
    }

    [Theory, MemberData(nameof(Transient))]
    public async Task A_stale_but_valid_token_stays_in_use(DemoFault fault)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromSeconds(50));
        site.Backend.Faults.Break(fault, path: "/auth/refresh");

        var answer = await browser.GetAsync("/app");

        answer.ShouldBe(HttpStatusCode.OK);
        answer.ShouldSetNoCookies();
        Assert.Equal(HttpStatusCode.OK, (await browser.RefreshAsync()).StatusCode);
    }

    [Fact]
    public async Task Public_pages_are_served_during_an_outage()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        (await browser.GetAsync("/")).ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(20, 2), InlineData(1000, 2)]
    public async Task In_an_outage_the_retry_delay_limits_the_calls_and_not_the_traffic(int pages, int mostCalls)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        var answers = await Task.WhenAll(Enumerable.Range(0, pages).Select(_ => browser.GetAndForgetAsync("/app")));

        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.ServiceUnavailable));
        Assert.InRange(site.Calls("/auth/refresh"), 1, mostCalls);
    }

    [Fact]
    public async Task Ten_minutes_of_outage_sign_no_user_out()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        for (var second = 0; second < 600; second += 2)
        {
            site.Time.Advance(TimeSpan.FromSeconds(2));
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(20, 20), InlineData(3600, 60)]
    public async Task The_Retry_After_of_the_backend_is_followed_up_to_a_limit(int asked, int honoured)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.RetryAfter = TimeSpan.FromSeconds(asked);
        site.Backend.Faults.Break(DemoFault.TooManyRequests);
        var answer = await browser.GetAsync("/app");
        site.Backend.Faults.Clear();

        site.Time.Advance(TimeSpan.FromSeconds(honoured - 1));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        site.Time.Advance(TimeSpan.FromSeconds(1));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(TimeSpan.FromSeconds(honoured), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task With_a_hanging_backend_a_valid_token_is_served_after_a_second_and_an_expired_one_answered_after_five()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Faults.Break(DemoFault.Hang, path: "/auth/refresh");

        site.Time.Advance(TimeSpan.FromSeconds(50));
        var valid = browser.GetAsync("/app");
        await site.AdvanceUntilAsync(valid, atMost: TimeSpan.FromSeconds(1.5));
        (await valid).ShouldBe(HttpStatusCode.OK);

        site.Time.Advance(TimeSpan.FromSeconds(60));
        var expired = browser.GetAsync("/app");
        await site.AdvanceUntilAsync(expired, atMost: TimeSpan.FromSeconds(5.5));
        (await expired).ShouldBe(HttpStatusCode.ServiceUnavailable);

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task If_the_token_expires_during_an_early_refresh_the_page_waits_for_the_result()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        site.Time.Advance(site.Backend.AccessTokenLifetime - TimeSpan.FromMilliseconds(10));
        var page = browser.GetAsync("/app");
        await Wait.UntilAsync(() => site.RefreshCalls is 1);

        site.Time.Advance(TimeSpan.FromMilliseconds(100));
        gate.SetResult();

        (await page).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task If_nothing_was_sent_the_call_is_repeated_once()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Refused, times: 1);

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task If_the_answer_to_the_exchange_is_lost_the_valid_token_is_used_and_then_one_sign_in_is_needed()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Time.Advance(TimeSpan.FromSeconds(50));
        site.Backend.Faults.Break(DemoFault.DropAfterCommit, path: "/auth/refresh", times: 1);

        // The site does not try the refresh again before the token expires.
        for (var second = 0; second < 8; second++)
        {
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            site.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, site.RefreshCalls);

        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
        Assert.Empty(browser.Cookies);
        Assert.Equal(2, site.RefreshCalls);
        (await browser.GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_an_adapter_has_thrown_the_session_works_again()
    {
        var backend = new ThrowingBackend();
        await using var site = new TestSite().With(backend.Wrap);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        backend.Throws = true;
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Contains(site.Log.Entries, entry => entry.Message.Contains("error in the adapter", StringComparison.Ordinal));

        backend.Throws = false;
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_the_log_has_thrown_the_session_works_again()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Log.Throws = true;
        site.Backend.Faults.Break(DemoFault.Unavailable);
        var broken = browser.GetAsync("/");
        await Task.WhenAny(broken, Task.Delay(TimeSpan.FromSeconds(5)));
        Assert.True(broken.IsCompleted);

        site.Log.Throws = false;
        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(RejectionReason.TooManyAttempts), InlineData(RejectionReason.InvalidCredentials)]
    public async Task Only_the_rejection_of_the_token_ends_a_session(RejectionReason refusal)
    {
        var backend = new ThrowingBackend { Refuses = refusal };
        await using var site = new TestSite().With(backend.Wrap);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        backend.Refuses = null;
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_an_adapter_could_not_be_created_the_session_works_again()
    {
        var backend = new ThrowingBackend();
        await using var site = new TestSite().With(backend.Wrap);
        var browser = await site.NewSignedInBrowserAsync();
        var ticket = site.TicketOf(browser)!;
        var refresher = site.Services.GetRequiredService<SessionRefresher>();

        backend.CannotBeMade = true;
        Assert.Equal(RefreshOutcome.Postponed, (await refresher.RefreshAsync(ticket, rejected: null, default)).Outcome);

        backend.CannotBeMade = false;
        site.ExpireAccessTokens();
        Assert.Equal(RefreshOutcome.Refreshed, (await refresher.RefreshAsync(ticket, rejected: null, default)).Outcome);
    }

    [Fact]
    public async Task Sign_in_and_refresh_say_that_the_backend_is_down_and_delete_nothing()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        foreach (var answer in new[] { await browser.RefreshAsync(), await browser.SignInAsync() })
        {
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.ShouldSetNoCookies();
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }
}
