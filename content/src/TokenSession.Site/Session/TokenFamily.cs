using System.Collections.Immutable;

namespace TokenSessionSite.Session;

/// <summary>
/// What the site remembers of one session (RFC 9700, 4.14.2): the newest tokens, when browsers first sent each generation, and whether the
/// session has ended. It is a cache: the cookies carry everything else. Without it, an older cookie would spend its refresh token a second
/// time, which many backends answer by ending the session.
/// </summary>
/// <remarks>Immutable. Each change is a new record, saved if no other request saved one in between (<see cref="ITokenFamilyStore"/>).
/// </remarks>
public sealed record TokenFamily(string SessionId)
{
    /// <summary>Revokes a whole session, later generations included.</summary>
    internal const int AllGenerations = int.MaxValue;

    /// <summary>A refusal that is older says nothing about one of now.</summary>
    private static readonly TimeSpan RefusalsEndAfter = TimeSpan.FromMinutes(10);

    /// <summary>How many generations are remembered as seen, so that a long grace period does not fill the memory.</summary>
    private const int MaxSeen = 32;

    /// <summary>Concurrency token, unique for each state of any record. 0: never saved.</summary>
    public long Version { get; init; }

    /// <summary>The newest generation; 0 before the first refresh.</summary>
    public int Generation { get; init; }

    /// <summary>The newest tokens; null before the first refresh, and after the end of the session.</summary>
    public SessionTokens? Tokens { get; init; }

    /// <summary>Cookies up to this generation are refused; -1: none.</summary>
    public int RevokedThrough { get; init; } = -1;

    /// <summary>When the user ended the session, by signing out or by signing in anew; null when it ended for another reason.</summary>
    public DateTimeOffset? SignedOutAt { get; init; }

    /// <summary>The generation whose refresh token the backend refused while the other nodes could not be asked for newer tokens; -1: none.
    /// </summary>
    public int RejectedGeneration { get; init; } = -1;

    /// <summary>Since when the backend has refused to refresh this session, in answers that the adapter does not recognize; null: it does
    /// not.</summary>
    public DateTimeOffset? RefreshRefusedSince { get; init; }

    /// <summary>Since when the backend has refused access tokens of this session that it had just issued; null: it accepts them.</summary>
    public DateTimeOffset? AccessTokenRefusedSince { get; init; }

    /// <summary>The latest user activity that a cookie was written for.</summary>
    public DateTimeOffset LastActive { get; init; }

    /// <summary>When this record can be forgotten: a while after no cookie of this session can be valid any more.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When a browser first sent each generation, while it was the newest one sent. Ascending by generation and by time.</summary>
    public ImmutableArray<GenerationSeen> Seen { get; init; } = [];

    public bool IsRevoked(int generation) => generation <= RevokedThrough;

    /// <summary>The rule of the grace period: a cookie is accepted until <paramref name="grace"/> has passed since a browser first sent a
    /// later generation. Therefore a response that never reached the browser costs nothing, however late the browser returns.</summary>
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

    /// <summary>Records that a browser sent this generation; returns the same record when that is known.</summary>
    public TokenFamily MarkSeen(int generation, DateTimeOffset now, TimeSpan grace)
    {
        if (generation is 0 || (!Seen.IsEmpty && Seen[^1].Generation >= generation))
        {
            return this;
        }

        // Of all entries that are older than the grace period, the last one decides.
        var first = 0;
        while (first + 1 < Seen.Length && now - Seen[first + 1].At > grace)
        {
            first++;
        }

        var seen = Seen[first..].Add(new(generation, now));
        while (seen.Length > MaxSeen)
        {
            // The entry whose neighbors are closest to each other is missed least. It makes the grace period longer, and never shorter.
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

    /// <summary>The user signed out, or signed in anew.</summary>
    public TokenFamily SignedOut(DateTimeOffset now) => Expired() with { SignedOutAt = now };

    /// <summary>The session reached its idle or absolute limit.</summary>
    public TokenFamily Expired() => Next() with { RevokedThrough = AllGenerations, Tokens = null };

    /// <summary>The backend refused the refresh token of this generation. A later one, unknown to this site, stays valid.</summary>
    public TokenFamily RevokedUpTo(int generation) => IsRevoked(generation) ? this : Next() with { RevokedThrough = generation };

    public TokenFamily Rejected(int generation) => Next() with { RejectedGeneration = generation };

    /// <summary>The backend refused a refresh in an answer that the adapter does not recognize.</summary>
    public TokenFamily RefreshRefused(DateTimeOffset now) =>
        IsRecent(RefreshRefusedSince, now) ? this : Next() with { RefreshRefusedSince = now };

    /// <summary>The backend refused an access token that it had just issued.</summary>
    public TokenFamily AccessTokenRefused(DateTimeOffset now) =>
        IsRecent(AccessTokenRefusedSince, now) ? this : Next() with { AccessTokenRefusedSince = now };

    /// <summary>The backend accepted an access token.</summary>
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
