using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>A store in memory, with switches for a restart (it forgets) and for a failure (it throws), and with a count of its reads.</summary>
public sealed class ForgetfulTokenFamilyStore(IServiceProvider services) : ITokenFamilyStore
{
    private ITokenFamilyStore store = NewStore(services);
    private int reads;

    public int Reads => reads;

    public bool Throws { get; set; }

    public bool IsAuthoritative { get; set; } = true;

    public void Forget() => store = NewStore(services);

    public ValueTask<TokenFamily?> GetAsync(string sessionId, bool bypassCache = false)
    {
        Interlocked.Increment(ref reads);
        return Throws ? throw new InvalidDataException("a record of another version") : store.GetAsync(sessionId, bypassCache);
    }

    public ValueTask<bool> TrySaveAsync(TokenFamily? previous, TokenFamily next) =>
        Throws ? throw new InvalidDataException("a record of another version") : store.TrySaveAsync(previous, next);

    private static FileTokenFamilyStore NewStore(IServiceProvider services) =>
        ActivatorUtilities.CreateInstance<FileTokenFamilyStore>(services, ActivatorUtilities.CreateInstance<TokenFamilyCache>(services));
}
