using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Only failed sign-ins are limited: by client and account, and with a higher limit by account.</summary>
public sealed partial class SignInThrottleTests
{
    private const string Attacker = "192.0.2.66",
        Victim = "127.0.0.1",
        Period = "TokenSession:FailedSignInPeriod",
        AnHour = "01:00:00";

    [Fact]
    public async Task By_default_ten_a_minute_may_fail_and_a_hundred_of_an_account()
    {
        await using var site = new TestSite();
        var options = site.Options;
        Assert.Equal(
            (10, 100, TimeSpan.FromMinutes(1)),
            (options.FailedSignInsPerClient, options.FailedSignInsPerAccount, options.FailedSignInPeriod)
        );
    }

    [Fact]
    public async Task After_ten_failures_the_backend_is_not_asked_any_more()
    {
        await using var site = NewSite();
        var browser = site.NewBrowser().From(Attacker);
        await GuessAsync(browser, 10);

        var answer = await browser.SignInAsync(password: "wrong");

        answer.ShouldBe(HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromMinutes(6), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("too_many_attempts", (string?)(await BodyAsync(answer))["code"]);
        Assert.Equal(10, site.Calls("/auth/login"));

        // The right password is refused too, but another account is not limited.
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        (await browser.SignInAsync("  DEMO@example.com ")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await browser.SignInAsync("otp@example.com")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Neither_account_nor_client_is_remembered_as_such()
    {
        var counter = new RecordingCounter();
        await using var site = new TestSite().With(services => services.AddSingleton<IAttemptCounter>(counter));

        await site.NewBrowser().SignInAsync("ada@example.com");

        Assert.Equal(3, counter.Keys.Distinct().Count());
        Assert.All(counter.Keys, hash => Assert.Equal(32, Convert.FromBase64String(hash).Length));
    }

    [Fact]
    public async Task One_client_does_not_lock_out_another()
    {
        await using var site = NewSite();
        await GuessAsync(site.NewBrowser().From(Attacker), 10);
        (await site.NewBrowser().From(Victim).SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Many_clients_share_the_looser_limit_of_the_account()
    {
        await using var site = NewSite();
        for (var client = 1; client <= 20; client++)
        {
            await GuessAsync(site.NewBrowser().From($"192.0.2.{client}"), 5);
        }

        (await site.NewBrowser().From(Attacker).SignInAsync(password: "wrong")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await site.NewBrowser().From(Victim).SignInAsync("otp@example.com")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [
        InlineData("2001:db8::1", "2001:db8::ffff:2", true),
        InlineData("2001:db8::1", "2001:db8:0:1::1", false),
        InlineData("192.0.2.1", "::ffff:192.0.2.1", true)
    ]
    public async Task Addresses_that_one_client_has_are_one_client(string address, string another, bool isOne)
    {
        await using var site = NewSite();
        await GuessAsync(site.NewBrowser().From(address), 10);
        (await site.NewBrowser().From(another).SignInAsync(password: "wrong")).ShouldBe(
            isOne ? HttpStatusCode.TooManyRequests : HttpStatusCode.Unauthorized
        );
    }

    [Fact]
    public async Task A_hundred_successful_sign_ins_in_a_row_are_no_attack()
    {
        await using var site = NewSite();
        for (var time = 0; time < 100; time++)
        {
            (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_hundred_guesses_at_once_are_a_hundred_guesses()
    {
        await using var site = NewSite();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;

        var guesses = Enumerable.Range(0, 100).Select(_ => site.NewBrowser().SignInAsync(password: "wrong")).ToList();
        await Wait.UntilAsync(() => guesses.Count(guess => guess.IsCompleted) is 90);
        gate.SetResult();

        var answers = await Task.WhenAll(guesses);
        Assert.Equal(10, answers.Count(answer => answer.StatusCode is HttpStatusCode.Unauthorized));
        Assert.Equal(90, answers.Count(answer => answer.StatusCode is HttpStatusCode.TooManyRequests));
        Assert.Equal(10, site.Calls("/auth/login"));
    }

    [Fact]
    public async Task An_aborted_sign_in_counts_as_a_guess()
    {
        await using var site = NewSite().With("TokenSession:FailedSignInsPerClient", "1");
        site.Backend.Faults.Gate = new TaskCompletionSource().Task;
        using var leaves = new CancellationTokenSource();
        var browser = site.NewBrowser();
        var guess = browser.SendAsync(
            new(HttpMethod.Post, "/api/auth/login") { Content = JsonContent.Create(new { email = DemoBackend.Email, password = "wrong" }) },
            cancellationToken: leaves.Token
        );
        await Wait.UntilAsync(() => site.Calls("/auth/login") is 1);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guess);

        site.Backend.Faults.Gate = Task.CompletedTask;
        (await browser.SignInAsync(password: "wrong")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_wrong_one_time_code_is_a_guess_and_a_missing_one_is_not()
    {
        await using var site = NewSite();
        var browser = site.NewBrowser();
        for (var time = 0; time < 20; time++)
        {
            (await SignInAsync(otp: null)).ShouldBe(HttpStatusCode.Unauthorized);
        }

        for (var code = 0; code < 10; code++)
        {
            (await SignInAsync(otp: $"00000{code}")).ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await SignInAsync(otp: "123456")).ShouldBe(HttpStatusCode.TooManyRequests);

        Task<HttpResponseMessage> SignInAsync(string? otp) =>
            browser.PostAsync(
                "/api/auth/login",
                new
                {
                    email = "otp@example.com",
                    password = "demo",
                    otp,
                }
            );
    }

    [Fact]
    public async Task Sign_ins_during_an_outage_do_not_count()
    {
        await using var site = NewSite();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        for (var time = 0; time < 20; time++)
        {
            (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        site.Backend.Faults.Clear();
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_limit_allows_one_attempt_at_a_time()
    {
        await using var site = new TestSite().With(Period, "00:00:10");
        var browser = site.NewBrowser();
        await Wait.UntilAsync(async () => (await browser.SignInAsync(password: "wrong")).StatusCode is HttpStatusCode.TooManyRequests);

        // Rate limiters use the real clock.
        await Wait.UntilAsync(async () => (await browser.SignInAsync()).StatusCode is HttpStatusCode.OK);

        var next = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => browser.SignInAsync(password: "wrong")));
        Assert.InRange(next.Count(answer => answer.StatusCode is HttpStatusCode.Unauthorized), 0, 9);
    }

    [Fact]
    public async Task The_page_says_that_there_were_too_many_attempts()
    {
        await using var site = NewSite();
        var browser = site.NewBrowser();
        await GuessAsync(browser, 10);

        var answer = await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", "wrong"));

        answer.ShouldBe(HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromMinutes(6), answer.Headers.RetryAfter?.Delta);
        Assert.Contains(
            "There were too many attempts. Try again in 6 minutes.",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Behind_a_proxy_clients_are_distinguished_if_forwarded_headers_are_configured(bool isConfigured)
    {
        await using var site = TestSite
            .InProduction()
            .With(Period, AnHour)
            .With("FORWARDEDHEADERS_ENABLED", isConfigured ? "true" : "false");
        var credentials = new { email = "nobody@example.com", password = "wrong" };
        for (var time = 0; time < 10; time++)
        {
            (await site.NewBrowser().PostAsync("/api/auth/login", credentials, ("X-Forwarded-For", Attacker))).ShouldBe(
                HttpStatusCode.Unauthorized
            );
        }

        var answer = await site.NewBrowser().PostAsync("/api/auth/login", credentials, ("X-Forwarded-For", "198.51.100.1"));

        answer.ShouldBe(isConfigured ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task An_unknown_user_and_a_wrong_password_look_the_same(bool onThePage)
    {
        await using var site = NewSite();
        var looks = new HashSet<string>();
        foreach (var (email, password) in new[] { (DemoBackend.Email, "wrong"), ("nope@example.com", "demo") })
        {
            var answer = onThePage
                ? await site.NewBrowser().FillInAsync("/login", ("Email", email), ("Password", password))
                : await site.NewBrowser().SignInAsync(email, password);
            answer.ShouldBe(HttpStatusCode.Unauthorized);
            var look = $"{answer}\n{await answer.Content.ReadAsStringAsync()}";
            looks.Add(VaryingParts().Replace(look.Replace($"value=\"{email}\"", "", StringComparison.Ordinal), ""));
        }

        Assert.Single(looks);

        // Each of them also sent one call to the backend.
        Assert.Equal(2, site.Calls("/auth/login"));
    }

    /// <summary>The parts that differ between any two responses.</summary>
    [GeneratedRegex("CfDJ8[A-Za-z0-9_-]+|\"traceId\":\"[^\"]+\"|data-now=\"[^\"]+\"|Content-Length: [0-9]+")]
    private static partial Regex VaryingParts();

    /// <summary>The limit applies to one hour, so that a slow test does not reach the next period.</summary>
    private static TestSite NewSite() => new TestSite().With(Period, AnHour);

    private static async Task GuessAsync(TestBrowser browser, int times)
    {
        for (var time = 0; time < times; time++)
        {
            (await browser.SignInAsync(password: $"wrong {time}")).ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    private static async Task<JsonNode> BodyAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    private sealed class RecordingCounter : IAttemptCounter
    {
        public List<string> Keys { get; } = [];

        public ValueTask<int> GetRemainingAsync(string key, AttemptLimit limit) => ValueTask.FromResult(1);

        public ValueTask CountAsync(string key, AttemptLimit limit)
        {
            Keys.Add(key);
            return ValueTask.CompletedTask;
        }
    }
}
