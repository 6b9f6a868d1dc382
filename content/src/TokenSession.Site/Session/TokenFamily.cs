using System.Collections.Immutable;

namespace TokenSessionSite.Session;

/// <summary>
/// What the site remembers about one session (RFC 9700, 4.14.2): the newest tokens, when browsers first sent each generation, and whether
/// the session has ended. It is a cache: the cookies contain everything else. Without it, the site would send the spent refresh token of an
/// older cookie again, and many backends would then end the session.
/// </summary>
/// <remarks>Immutable. Each change creates a new record, which is saved unless another request saved one in the meantime:
/// <see cref="ITokenFamilyStore"/>.</remarks>
public sealed record TokenFamily(string SessionId)
{
    /// <summary>All generations of a session, including later ones.</summary>
    internal const int AllGenerations = int.MaxValue;

    /// <summary>If the first refusal is older than this, the next refusal counts as the first one.</summary>
    private static readonly TimeSpan RefusalsEndAfter = TimeSpan.FromMinutes(10);

    /// <summary>How many generations are remembered as seen, so that a long grace period does not fill the memory.</summary>
    private const int MaxSeen = 32;

    /// <summary>Concurrency token: a random number for each state. 0: never saved.</summary>
    public long Version { get; init; }

    /// <summary>The newest generation; 0 before the first refresh.</summary>
    public int Generation { get; init; }

    /// <summary>The newest tokens; null before the first refresh, and after the end of the session.</summary>
    public SessionTokens? Tokens { get; init; }

    /// <summary>Cookies up to this generation are refused; -1: none.</summary>
    public int RevokedThrough { get; init; } = -1;

    /// <summary>When the user ended the session, by a sign-out or another sign-in; null if it ended for another reason.</summary>
    public DateTimeOffset? SignedOutAt { get; init; }

    /// <summary>The generation whose refresh token the backend refused while the other nodes could not be asked for newer tokens; -1: none.
    /// </summary>
    public int RejectedGeneration { get; init; } = -1;

    /// <summary>When the backend first refused a refresh for a reason other than an invalid refresh token; null: it does not
    /// refuse.</summary>
    public DateTimeOffset? RefreshRefusedSince { get; init; }

    /// <summary>When the backend first refused an access token of this session that it had just issued; null: it accepts them.</summary>
    public DateTimeOffset? AccessTokenRefusedSince { get; init; }

    /// <summary>The latest user activity for which a cookie was written.</summary>
    public DateTimeOffset LastActive { get; init; }

    /// <summary>When this record can be deleted: some time after the last cookie of this session has expired.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When a browser first sent each generation, ascending. A generation that comes after a later one is not included.</summary>
    public ImmutableArray<GenerationSeen> Seen { get; init; } = [];

    public bool IsRevoked(int generation) => generation <= RevokedThrough;

    /// <summary>
    /// The rule of the grace period: a cookie is accepted until <paramref name="grace"/> has passed since a browser first sent a later
    /// generation. If a response with new cookies never reached the browser, its old cookie is therefore accepted at any later time.
    /// </summary>
    public bool IsWithinGrace(int generation, DateTimeOffset now, TimeSpan grace)
    {
        foreach (var later in Seen)
        {
            if (later.Generation > generation)
            {
                return now - later.At <= grace;
            }
        }

        return true;
    }

    /// <summary>Records that a browser sent this generation. Returns the same record if that is known.</summary>
    public TokenFamily MarkSeen(int generation, DateTimeOffset now, TimeSpan grace)
    {
        if (generation is 0 || (!Seen.IsEmpty && Seen[^1].Generation >= generation))
        {
            return this;
        }

        // Of the entries that are older than the grace period, only the last one is needed.
        var first = 0;
        while (first + 1 < Seen.Length && now - Seen[first + 1].At > grace)
        {
            first++;
        }

        var seen = Seen[first..].Add(new(generation, now));
        while (seen.Length > MaxSeen)
        {
            // Removes the entry whose neighbors are closest in time. Without it, the grace period becomes longer and never shorter.
            var between = seen;
            seen = seen.RemoveAt(Enumerable.Range(1, seen.Length - 2).MinBy(index => between[index + 1].At - between[index - 1].At));
        }

        return Next() with
        {
            Seen = seen,
        };
    }

    public TokenFamily Refreshed(int generation, SessionTokens tokens) =>
        Next() with
        {
            Generation = generation,
            Tokens = tokens,
            RefreshRefusedSince = null,
        };

    /// <summary>Ends the session because the user signed out, or signed in again.</summary>
    public TokenFamily SignedOut(DateTimeOffset now) => Expired() with { SignedOutAt = now };

    /// <summary>Ends the session because of its idle or absolute limit, or because the backend refuses it.</summary>
    public TokenFamily Expired() => Next() with { RevokedThrough = AllGenerations, Tokens = null };

    /// <summary>Ends the session up to this generation, because the backend refused its refresh token. A later generation, unknown to this
    /// site, stays valid.</summary>
    public TokenFamily RevokedUpTo(int generation) => IsRevoked(generation) ? this : Next() with { RevokedThrough = generation };

    public TokenFamily Rejected(int generation) => Next() with { RejectedGeneration = generation };

    /// <summary>Records that the backend refused a refresh for a reason other than an invalid refresh token.</summary>
    public TokenFamily RefreshRefused(DateTimeOffset now) =>
        IsRecent(RefreshRefusedSince, now) ? this : Next() with { RefreshRefusedSince = now };

    /// <summary>Records that the backend refused an access token that it had just issued.</summary>
    public TokenFamily AccessTokenRefused(DateTimeOffset now) =>
        IsRecent(AccessTokenRefusedSince, now) ? this : Next() with { AccessTokenRefusedSince = now };

    /// <summary>Records that the backend accepted an access token.</summary>
    public TokenFamily AccessTokenAccepted() => AccessTokenRefusedSince is null ? this : Next() with { AccessTokenRefusedSince = null };

    public TokenFamily ActiveAt(DateTimeOffset time) => time > LastActive ? Next() with { LastActive = time } : this;

    public TokenFamily WithExpiry(DateTimeOffset time) => time > ExpiresAt ? Next() with { ExpiresAt = time } : this;

    /// <summary>Contains no token, and only the start of the id.</summary>
    public override string ToString() => $"token family of {SessionId[..6]}, generation {Generation}";

    internal static long NewVersion() => Random.Shared.NextInt64(1, long.MaxValue);

    private static bool IsRecent(DateTimeOffset? refusedSince, DateTimeOffset now) => now - refusedSince < RefusalsEndAfter;

    private TokenFamily Next() => this with { Version = NewVersion() };
}

/// <summary>When a browser first sent a cookie of this generation.</summary>
public readonly record struct GenerationSeen(int Generation, DateTimeOffset At);
