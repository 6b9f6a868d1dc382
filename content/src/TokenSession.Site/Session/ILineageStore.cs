namespace TokenSessionSite.Session;

/// <summary>Keeps lineages, by session id, until <see cref="SessionLineage.ForgetAt"/>.</summary>
public interface ILineageStore
{
    /// <summary>The lineage of this session, or null when nothing is remembered.</summary>
    ValueTask<SessionLineage?> FindAsync(string sessionId);

    /// <summary>Saves <paramref name="next"/> if <paramref name="previous"/> (null: nothing) is still what is stored, by its
    /// <see cref="SessionLineage.Version"/>; false when somebody else was faster.</summary>
    ValueTask<bool> TrySaveAsync(SessionLineage? previous, SessionLineage next);
}

public static class LineageStoreExtensions
{
    /// <summary>Changes a lineage, again and again until nobody else was faster. A change that returns what it was given changes nothing.
    /// </summary>
    public static async ValueTask<SessionLineage> UpdateAsync(
        this ILineageStore store, string sessionId, Func<SessionLineage, SessionLineage> change)
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
