using System.Collections;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The memory that the site uses for a session does not grow with the age of the session.</summary>
public sealed class TokenFamilyBoundsTests
{
    private const int Generations = 10_000,
        MaxSeen = 33;

    /// <summary>A fraction of the grace period. The site stores only a few times, so it may accept a superseded cookie for this much
    /// longer. It never accepts the cookie for a shorter time.</summary>
    private const double Tolerance = 0.1;

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(60);

    /// <summary>The grace period in days, and the minutes between two generations.</summary>
    public static TheoryData<double, double> Paces =>
        new()
        {
            { 30, 10 },
            { 30, 1 },
            { 30, 60 },
            { 1, 1 },
            { 0.01, 1 },
        };

    [Theory, MemberData(nameof(Paces))]
    public void Ten_thousand_generations_are_remembered_in_33_entries_and_the_grace_period_holds(double graceDays, double minutes)
    {
        var (grace, pace) = (TimeSpan.FromDays(graceDays), TimeSpan.FromMinutes(minutes));
        var family = new TokenFamily("0123456789abcdef");
        for (var generation = 1; generation <= Generations; generation++)
        {
            family = family.MarkSeen(generation, Seen(generation), grace);
            Assert.InRange(family.Seen.Length, 1, MaxSeen);
            if (generation % 499 is 0 || generation is Generations)
            {
                AssertGracePeriod(family, generation);
            }
        }

        DateTimeOffset Seen(int generation) => Start + (generation * pace);

        void AssertGracePeriod(TokenFamily family, int newest)
        {
            for (var generation = 0; generation < newest; generation++)
            {
                var supersededFor = Seen(newest) - Seen(generation + 1);
                var isAccepted = family.IsWithinGrace(generation, Seen(newest), grace);
                Assert.True(isAccepted || supersededFor > grace, $"Generation {generation} of {newest} is refused too early.");
                Assert.False(
                    isAccepted && supersededFor > grace * (1 + Tolerance),
                    $"Generation {generation} of {newest} is accepted {supersededFor} after its successor came."
                );
            }

            Assert.True(family.IsWithinGrace(newest, Seen(newest), grace));
        }
    }

    [Fact]
    public void Irregular_times_are_no_exception()
    {
        var grace = TimeSpan.FromDays(30);
        var random = new Random(7);
        var (family, now, seen) = (new TokenFamily("0123456789abcdef"), Start, new List<DateTimeOffset>());
        for (var generation = 1; generation <= Generations; generation++)
        {
            // Mostly minutes, sometimes days.
            now += TimeSpan.FromMinutes(random.Next(100) is 0 ? random.Next(1, 3_000) : random.Next(1, 10));
            seen.Add(now);
            family = family.MarkSeen(generation, now, grace);
            Assert.InRange(family.Seen.Length, 1, MaxSeen);
        }

        for (var generation = 0; generation < Generations; generation++)
        {
            var supersededFor = now - seen[generation];
            Assert.True(family.IsWithinGrace(generation, now, grace) || supersededFor > grace);
            Assert.False(family.IsWithinGrace(generation, now, grace) && supersededFor > grace * 1.2);
        }
    }

    [Fact]
    public async Task No_refresh_operation_is_left()
    {
        await using var site = new TestSite();
        var browsers = new List<TestBrowser>();
        for (var user = 0; user < 10; user++)
        {
            browsers.Add(await site.NewSignedInBrowserAsync());
        }

        for (var refresh = 0; refresh < 3; refresh++)
        {
            site.ExpireAccessTokens();
            await Task.WhenAll(browsers.Select(async browser => (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK)));
        }

        Assert.Equal(30, site.RefreshCalls);
        await Wait.UntilAsync(() => Operations(site).Count is 0);
    }

    [Fact]
    public async Task A_refresh_operation_that_failed_stays_until_the_backend_may_be_asked_again()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        await browser.GetAsync("/app");
        Assert.Single(Operations(site));

        await Wait.UntilAsync(() =>
        {
            site.Time.Advance(TimeSpan.FromSeconds(1));
            return Operations(site).Count is 0;
        });
    }

    private static IDictionary Operations(TestSite site) =>
        (IDictionary)
            typeof(SessionRefresher)
                .GetField("operations", BindingFlags.Instance | BindingFlags.NonPublic)!
                .GetValue(site.Services.GetRequiredService<SessionRefresher>())!;
}
