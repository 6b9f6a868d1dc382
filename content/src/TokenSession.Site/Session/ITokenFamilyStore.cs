namespace TokenSessionSite.Session;

/// <summary>Keeps token families by session id, until <see cref="TokenFamily.ExpiresAt"/>.</summary>
public interface ITokenFamilyStore
{
    /// <summary>False while other nodes may know more than this store can read. The site then ends no session.</summary>
    bool IsAuthoritative { get; }

    /// <summary>The family of this session; null when nothing is remembered.</summary>
    /// <param name="sessionId">Of the ticket.</param>
    /// <param name="bypassCache">True before a step that cannot be undone. Otherwise, a store that several nodes share may return a value
    /// that is up to a second old.</param>
    ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false);

    /// <summary>Saves <paramref name="next"/> if <paramref name="previous"/> (null: nothing) is still stored, compared by
    /// <see cref="TokenFamily.Version"/>. Returns false when another request saved first.</summary>
    ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next);
}

public static class TokenFamilyStoreExtensions
{
    /// <summary>Changes a family, and repeats the change when another request saved first. Saves nothing when the change returns its
    /// argument.</summary>
    /// <param name="known">What was read last: spares one read when it is still current.</param>
    public static async ValueTask<TokenFamily> UpdateAsync(
        this ITokenFamilyStore store,
        string sessionId,
        TokenFamily? known,
        Func<TokenFamily, TokenFamily> change
    )
    {
        while (true)
        {
            var current = known ?? new TokenFamily(sessionId);
            var next = change(current);
            if (ReferenceEquals(next, current) || await store.TrySaveAsync(known, next))
            {
                return next;
            }

            known = await store.GetAsync(sessionId);
        }
    }

    /// <inheritdoc cref="UpdateAsync(ITokenFamilyStore, string, TokenFamily?, Func{TokenFamily, TokenFamily})"/>
    public static async ValueTask<TokenFamily> UpdateAsync(
        this ITokenFamilyStore store,
        string sessionId,
        Func<TokenFamily, TokenFamily> change
    ) => await store.UpdateAsync(sessionId, await store.GetAsync(sessionId), change);
}
