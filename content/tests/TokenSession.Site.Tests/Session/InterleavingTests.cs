using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>
/// Random interleavings of one browser's tabs, lost and overtaken answers, faults, sign-outs and a moving clock, against the whole site. In
/// each run, the site must not send a refresh token again after it was exchanged, and must not end a session that it could keep. A failure
/// prints its seed and the shortest sequence of steps that reproduces it.
/// </summary>
public sealed class InterleavingTests
{
    /// <summary>TOKENSESSION_RUNS=20000 runs for about one night.</summary>
    private static readonly int Runs = int.Parse(
        Environment.GetEnvironmentVariable("TOKENSESSION_RUNS") ?? "100",
        System.Globalization.CultureInfo.InvariantCulture
    );

    private static readonly Gen<(Step Step, int Pick)[]> Steps = Gen.Select(
        Gen.Frequency(
            (30, Gen.Const(Step.Ask)),
            (20, Gen.Const(Step.Deliver)),
            (6, Gen.Const(Step.Lose)),
            (3, Gen.Const(Step.CloseTab)),
            (8, Gen.Const(Step.HoldBackend)),
            (12, Gen.Const(Step.ReleaseBackend)),
            (20, Gen.Const(Step.Wait)),
            (6, Gen.Const(Step.StayAway)),
            (2, Gen.Const(Step.InvalidateAccessTokens)),
            (5, Gen.Const(Step.Break)),
            (8, Gen.Const(Step.ClearFault)),
            (1, Gen.Const(Step.LoseExchange)),
            (1, Gen.Const(Step.SignOut))
        ),
        Gen.Int[0, 1000]
    ).Array[10, 80];

    [Fact]
    public async Task No_interleaving_sends_a_spent_token_or_ends_a_session_that_could_be_kept()
    {
        // No refresh times out here. If a refresh timed out while its response was on the way, the new tokens would be lost, and no site
        // could recover them.
        await using var site = new TestSite()
            .With("TokenSession:RefreshTimeout", "01:00:00")
            .With(services =>
                services.ConfigureAll<HttpStandardResilienceOptions>(calls => calls.CircuitBreaker.MinimumThroughput = int.MaxValue)
            );
        using var flights = new ActiveRefreshes(site.Services);
        var refreshes = 0;
        await Steps.SampleAsync(
            async steps => refreshes += await Interleaving.RunAsync(site, flights, steps),
            iter: Runs,
            threads: 1,
            writeLine: line => TestContext.Current.TestOutputHelper?.WriteLine(line)
        );

        Assert.True(refreshes > Runs, $"Only {refreshes} refreshes in {Runs} runs: the steps do not reach what they should test.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Runs} runs, {refreshes} refreshes");
    }
}
