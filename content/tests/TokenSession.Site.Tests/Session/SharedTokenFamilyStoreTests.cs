using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The behavior of any store outside the process.</summary>
public sealed class SharedTokenFamilyStoreTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task A_family_that_the_store_deletes_after_each_save_is_not_saved_in_a_loop()
    {
        var store = new Store { Load = () => null, Save = _ => true };
        await store.UpdateAsync("a session", family => family.SignedOut(Now).WithExpiry(Now));

        var family = await Task.Run(() => store.GetAsync("a session", bypassCache: true).AsTask()).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(Now, family?.SignedOutAt);
        Assert.Equal(2, store.Saves);
    }

    [Fact]
    public async Task A_change_that_was_saved_while_another_request_read_the_state_of_before_is_not_hidden_by_it()
    {
        var store = new Store { Load = () => null };
        store.Save = next =>
        {
            // Another request has read that nothing is stored.
            Assert.Null(store.GetAsync("a session", bypassCache: true).AsTask().GetAwaiter().GetResult());
            store.Load = () => next;
            return true;
        };

        await store.UpdateAsync("a session", family => family.SignedOut(Now).WithExpiry(Now.AddDays(1)));

        Assert.Equal(Now, (await store.GetAsync("a session"))?.SignedOutAt);
    }

    [Fact]
    public async Task A_first_seen_time_that_could_not_be_saved_is_read_again()
    {
        var tokens = new SessionTokens("access", Now, Now.AddMinutes(1), "refresh");
        var stored = new TokenFamily("a session").Refreshed(1, tokens).WithExpiry(Now.AddDays(1));
        var store = new Store { Load = () => stored, Save = _ => false };
        await store.GetAsync("a session");

        Assert.True(await store.TrySaveAsync(stored, stored.ActiveAt(Now)));
        await Wait.UntilAsync(async () => (await store.GetAsync("a session"))!.LastActive == default);
    }

    /// <summary>If two stores use the same place, each one saves only if it has read what the other one saved.</summary>
    internal static async Task AssertReadBeforeRetryAsync(ITokenFamilyStore here, ITokenFamilyStore there, DateTimeOffset now)
    {
        SessionTokens Tokens(int generation) => new($"access {generation}", now, now.AddMinutes(1), $"refresh {generation}");
        var first = await here.UpdateAsync("a session", known => known.Refreshed(1, Tokens(1)).WithExpiry(now.AddDays(1)));
        await there.UpdateAsync("a session", known => known.Refreshed(2, Tokens(2)));

        var family = await here.UpdateAsync("a session", first, known => known.Refreshed(known.Generation + 1, Tokens(3)));

        Assert.Equal(3, family.Generation);
        Assert.Equal(3, (await there.GetAsync("a session", bypassCache: true))!.Generation);
    }

    private sealed class Store()
        : SharedTokenFamilyStore(new TokenFamilyCache(new SessionClock(new FakeTimeProvider())), NullLogger<Store>.Instance)
    {
        public override bool IsAuthoritative => true;

        public Func<TokenFamily?> Load { get; set; } = () => null;

        public Func<TokenFamily, bool?> Save { get; set; } = _ => null;

        public int Saves { get; private set; }

        protected override ValueTask<Answer<TokenFamily?>?> LoadAsync(string sessionId, string session) =>
            new(new Answer<TokenFamily?>(Load()));

        protected override ValueTask<bool?> SaveAsync(string session, long version, TokenFamily next)
        {
            Saves++;
            return new(Save(next));
        }
    }
}
