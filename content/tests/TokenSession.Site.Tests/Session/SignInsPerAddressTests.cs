using System.Net;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>One client that tries one password on many accounts.</summary>
public sealed class SignInsPerAddressTests
{
    private const string Attacker = "192.0.2.66";

    [Fact]
    public async Task Of_300_accounts_tried_from_one_address_a_hundred_reach_the_backend()
    {
        await using var site = NewSite();
        var browser = site.NewBrowser().From(Attacker);

        var answers = new List<HttpStatusCode>();
        for (var account = 0; account < 300; account++)
        {
            answers.Add((await browser.SignInAsync($"user{account}@example.com", "Summer2024")).StatusCode);
        }

        Assert.All(answers[..100], status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        Assert.All(answers[100..], status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
        Assert.Equal(100, site.Calls("/auth/login"));
    }

    [Fact]
    public async Task Attempts_at_the_same_time_are_limited_too()
    {
        await using var site = NewSite();
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 300)
                .Select(account => site.NewBrowser().From(Attacker).SignInAsync($"user{account}@example.com", "Summer2024"))
        );

        Assert.Equal(100, answers.Count(answer => answer.StatusCode is HttpStatusCode.Unauthorized));
        Assert.Equal(200, answers.Count(answer => answer.StatusCode is HttpStatusCode.TooManyRequests));
        Assert.Equal(100, site.Calls("/auth/login"));
    }

    [Fact]
    public async Task Another_address_is_not_affected()
    {
        await using var site = NewSite().With("TokenSession:FailedSignInsPerAddress", "10");
        for (var account = 0; account < 10; account++)
        {
            await site.NewBrowser().From(Attacker).SignInAsync($"user{account}@example.com", "Summer2024");
        }

        (await site.NewBrowser().From(Attacker).SignInAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        (await site.NewBrowser().From("127.0.0.1").SignInAsync()).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_successful_sign_in_does_not_count()
    {
        await using var site = NewSite().With("TokenSession:FailedSignInsPerAddress", "10");
        for (var user = 0; user < 30; user++)
        {
            site.Backend.AddUser($"user{user}@example.com", "Summer2024");
            (await site.NewBrowser().From("127.0.0.1").SignInAsync($"user{user}@example.com", "Summer2024")).ShouldBe(HttpStatusCode.OK);
        }

        // The limit still allows all ten failures.
        for (var account = 0; account < 10; account++)
        {
            (await site.NewBrowser().From("127.0.0.1").SignInAsync($"guest{account}@example.com", "Summer2024")).ShouldBe(
                HttpStatusCode.Unauthorized
            );
        }

        (await site.NewBrowser().From("127.0.0.1").SignInAsync("last@example.com")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    /// <summary>The limit applies to one hour, because the rate limiter uses the real clock and a slow test must not reach the next
    /// period.</summary>
    private static TestSite NewSite() => new TestSite().With("TokenSession:FailedSignInPeriod", "01:00:00");
}
