namespace Tests.Infrastructure;

/// <summary>The real in-process store, which can be made to forget everything, as a restart does.</summary>
public sealed class ForgetfulLineageStore(TimeProvider time) : ILineageStore
{
    private InProcessLineageStore store = new(time);

    public void Forget() => store = new(time);

    public bool KnowsAll => true;

    public ValueTask<SessionLineage?> FindAsync(string sessionId, bool latest = false) => store.FindAsync(sessionId, latest);

    public ValueTask<bool> TrySaveAsync(SessionLineage? previous, SessionLineage next) => store.TrySaveAsync(previous, next);
}
