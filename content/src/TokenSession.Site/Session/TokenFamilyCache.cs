using Microsoft.Extensions.Caching.Memory;

namespace TokenSessionSite.Session;

/// <summary>Keeps the token families that this process used in the last ten minutes, and the families that it could not save.</summary>
public sealed class TokenFamilyCache(SessionClock clock) : IDisposable
{
    /// <summary>How long an entry is used before the store is read again.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>How long an entry is kept after its last use.</summary>
    internal static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly MemoryCache entries = new(new MemoryCacheOptions());
    private readonly Lock gate = new();

    public IEnumerable<TokenFamily> Families => entries.Keys.Select(key => entries.Get<Entry>(key)?.Family).OfType<TokenFamily>();

    public Entry? Find(string session) => entries.Get<Entry>(session);

    public bool IsFresh(Entry entry) => !entry.IsStale && clock.GetElapsedTime(entry.Since) < FreshFor;

    /// <summary>Replaces an entry. Returns false if another thread has replaced it.</summary>
    /// <param name="session">The hash of the session id.</param>
    /// <param name="known">The entry to replace; null: none.</param>
    /// <param name="family">The new family; null: none is stored.</param>
    /// <param name="isUnsaved">True if only this process has this state. The entry is then kept until the session expires.</param>
    public bool TryReplace(string session, Entry? known, TokenFamily? family, bool isUnsaved = false)
    {
        lock (gate)
        {
            if (!ReferenceEquals(Find(session), known))
            {
                return false;
            }

            Set(session, new(family, clock.GetTimestamp(), IsStale: false, isUnsaved));
            return true;
        }
    }

    /// <summary>Marks the entry as stale: the next request reads the store.</summary>
    public void Invalidate(string session)
    {
        lock (gate)
        {
            if (Find(session) is { } known)
            {
                Set(session, known with { IsStale = true });
            }
        }
    }

    public void Dispose() => entries.Dispose();

    private void Set(string session, Entry entry)
    {
        var left = entry.IsUnsaved && entry.Family is { } family ? family.ExpiresAt - clock.GetUtcNow() : TimeSpan.Zero;
        var options = new MemoryCacheEntryOptions();
        if (entry.Family is null)
        {
            options.AbsoluteExpirationRelativeToNow = FreshFor;
        }
        else if (left > KeptFor)
        {
            options.AbsoluteExpirationRelativeToNow = left;
        }
        else
        {
            options.SlidingExpiration = KeptFor;
        }

        entries.Set(session, entry, options);
    }

    /// <param name="Family">Null: no family of this session is stored.</param>
    /// <param name="Since">The timestamp of the last read or write.</param>
    /// <param name="IsStale">True if the store may have a newer state.</param>
    /// <param name="IsUnsaved">True if only this process has this state.</param>
    public sealed record Entry(TokenFamily? Family, long Since, bool IsStale, bool IsUnsaved);
}
