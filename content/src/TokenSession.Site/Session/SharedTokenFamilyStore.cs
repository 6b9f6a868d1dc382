using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace TokenSessionSite.Session;

/// <summary>
/// Keeps the token families that several processes share in a store outside these processes. A process caches a family for a second, so
/// most requests do not read the store. While the store cannot be reached, a process keeps its changes in the cache. It saves a changed
/// family the next time it reads it.
/// </summary>
public abstract class SharedTokenFamilyStore(TokenFamilyCache cache, ILogger logger) : ITokenFamilyStore
{
    private readonly ConcurrentDictionary<string, Lazy<Task<TokenFamily?>>> reads = new();

    public abstract bool IsAuthoritative { get; }

    /// <summary>Returns the hash that replaces a session id where the id must not be readable.</summary>
    public static string Hash(string sessionId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sessionId)).AsSpan(0, 16));

    public async ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false)
    {
        var session = Hash(sessionId);
        if (bypassCache)
        {
            return await ReadAsync(sessionId, session);
        }

        // Requests that arrive together share one read.
        return cache.Find(session) is { } entry && cache.IsFresh(entry)
            ? entry.Family
            : await reads.GetOrAdd(session, _ => new(() => ReadOnceAsync(sessionId, session))).Value;
    }

    public async ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next)
    {
        var session = Hash(next.SessionId);
        var known = cache.Find(session);
        if (known is not null && known.Family?.Version != previous?.Version)
        {
            return false;
        }

        if (previous is not null && Rank(previous) == Rank(next))
        {
            // Only a first-seen time, the user activity or a refusal has changed. The request does not wait for this write.
            if (!cache.TryReplace(session, known, next, isUnsaved: true))
            {
                return false;
            }

            Detached.Run(() => SaveCachedAsync(session, previous.Version, next));
            return true;
        }

        switch (await SaveAsync(session, previous?.Version ?? 0, next))
        {
            case true:
                if (!cache.TryReplace(session, known, next))
                {
                    // Another request may have read the state before this save into the cache.
                    cache.Invalidate(session);
                }

                return true;

            case false:
                cache.Invalidate(session);
                return false;

            default:
                return cache.TryReplace(session, known, next, isUnsaved: true);
        }
    }

    /// <summary>Reads what is stored. Returns null if the store cannot be reached.</summary>
    protected abstract ValueTask<Answer<TokenFamily?>?> LoadAsync(string sessionId, string session);

    /// <summary>Saves a family if the stored version (0: none) is unchanged. Returns null if the store cannot be reached or does not store
    /// it.</summary>
    protected abstract ValueTask<bool?> SaveAsync(string session, long version, TokenFamily next);

    /// <summary>Reads a family. If the store could not be reached before, or has lost data, this process saves the later state that it
    /// knows.</summary>
    protected async Task<TokenFamily?> ReadAsync(string sessionId, string session)
    {
        while (true)
        {
            var known = cache.Find(session);
            if (await LoadAsync(sessionId, session) is not { Value: var stored })
            {
                return cache.Find(session)?.Family;
            }

            if (Rank(known?.Family).CompareTo(Rank(stored)) > 0)
            {
                // The saved family is not read again: the store deletes an expired family at once, and this loop would not end.
                var isSaved = await SaveAsync(session, stored?.Version ?? 0, known!.Family!);
                if (isSaved is null || (isSaved is true && cache.TryReplace(session, known, known.Family)))
                {
                    return known.Family;
                }
            }
            else if (cache.TryReplace(session, known, stored))
            {
                return stored;
            }
        }
    }

    private async Task<TokenFamily?> ReadOnceAsync(string sessionId, string session)
    {
        try
        {
            return await ReadAsync(sessionId, session);
        }
        finally
        {
            reads.TryRemove(session, out _);
        }
    }

    private async Task SaveCachedAsync(string session, long version, TokenFamily next)
    {
        try
        {
            switch (await SaveAsync(session, version, next))
            {
                case true when cache.Find(session) is { } entry && ReferenceEquals(entry.Family, next):
                    cache.TryReplace(session, entry, next);
                    break;

                case false:
                    cache.Invalidate(session);
                    break;
            }
        }
        catch (Exception exception)
        {
            logger.SaveFailed(exception);
        }
    }

    /// <summary>Ranks two states that processes created independently, while they could not reach the store. The higher rank counts: first
    /// the end of the session, then the newer tokens.</summary>
    private static (bool IsEnded, int Generation, int RevokedThrough, int RejectedGeneration) Rank(TokenFamily? family) =>
        family is null
            ? (false, -1, -1, -1)
            : (family.IsRevoked(TokenFamily.AllGenerations), family.Generation, family.RevokedThrough, family.RejectedGeneration);
}
