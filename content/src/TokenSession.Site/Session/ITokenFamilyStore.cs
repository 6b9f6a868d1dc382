namespace TokenSessionSite.Session;

/// <summary>Keeps token families by session id, until <see cref="TokenFamily.ExpiresAt"/>.</summary>
public interface ITokenFamilyStore
{
    /// <summary>False while another node may have newer data. Then a refusal of the backend ends no session.</summary>
    bool IsAuthoritative { get; }

    /// <summary>Returns the family of this session; null: none is stored.</summary>
    /// <param name="sessionId">The session id of the ticket.</param>
    /// <param name="bypassCache">True before a step that cannot be undone. If false, the value may be up to a second old.</param>
    ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false);

    /// <summary>Saves <paramref name="next"/> if <paramref name="previous"/> (null: nothing) is still stored, compared by
    /// <see cref="TokenFamily.Version"/>. Returns false if another request saved first.</summary>
    ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next);
}

public static class TokenFamilyStoreExtensions
{
    /// <summary>Changes a family, and repeats the change if another request saved first. Saves nothing if the change returns its
    /// argument.</summary>
    /// <param name="known">The family that was read last; null: none. If it is still current, no further read is needed.</param>
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
