namespace TokenSessionSite.Session;

/// <summary>Keeps lineages, by session id, until <see cref="SessionLineage.ForgetAt"/>.</summary>
public interface ILineageStore
{
    /// <summary>False while other nodes of this site may remember what cannot be asked for just now: no session is ended for what this node
    /// knows alone.</summary>
    bool KnowsAll { get; }

    /// <summary>The lineage of this session, or null when nothing is remembered.</summary>
    /// <param name="sessionId">Of the ticket.</param>
    /// <param name="latest">True before something that cannot be taken back. Else the answer may be a second old where several nodes share
    /// a store.</param>
    ValueTask<SessionLineage?> FindAsync(string sessionId, bool latest = false);

    /// <summary>Saves <paramref name="next"/> if <paramref name="previous"/> (null: nothing) is still what is stored, by its
    /// <see cref="SessionLineage.Version"/>; false when somebody else was faster.</summary>
    ValueTask<bool> TrySaveAsync(SessionLineage? previous, SessionLineage next);
}

public static class LineageStoreExtensions
{
    /// <summary>Changes a lineage, again and again until nobody else was faster. A change that returns what it was given changes nothing.
    /// </summary>
    public static async ValueTask<SessionLineage> UpdateAsync(
        this ILineageStore store,
        string sessionId,
        Func<SessionLineage, SessionLineage> change
    )
    {
        while (true)
        {
            var previous = await store.FindAsync(sessionId);
            var current = previous ?? new SessionLineage(sessionId);
            var next = change(current);
            if (ReferenceEquals(next, current) || await store.TrySaveAsync(previous, next))
            {
                return next;
            }
        }
    }
}
