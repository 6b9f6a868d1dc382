using System.Collections.Immutable;

namespace TokenSessionSite.Session;

/// <summary>
/// What the site remembers of one session: its newest tokens, when browsers first presented each generation, and whether it has ended.
/// It is a memory, not the source of truth: without it the cookies still carry everything, but an older cookie would spend a refresh
/// token for the second time, and backends may answer that by ending the session.
/// </summary>
/// <remarks>A value: every change is a new record, saved only if nobody else saved meanwhile (<see cref="ILineageStore"/>).</remarks>
public sealed record SessionLineage(string SessionId)
{
    /// <summary>The end of a whole session, also of generations still to come.</summary>
    private const int Everything = int.MaxValue;

    /// <summary>A number that no other state of this or any record has: a store that cannot compare records compares this. 0: nothing was
    /// changed yet.</summary>
    public long Version { get; internal init; }

    /// <summary>The newest generation; 0 while nothing was refreshed.</summary>
    public int Generation { get; internal init; }

    /// <summary>The newest tokens; null when this site has not seen a refresh, or the session has ended.</summary>
    public SessionTokens? Tokens { get; internal init; }

    /// <summary>Cookies up to this generation are over; -1: none.</summary>
    public int EndedThrough { get; internal init; } = -1;

    public DateTimeOffset? EndedAt { get; internal init; }

    /// <summary>When the user was last active, as far as cookies were written for it.</summary>
    public DateTimeOffset LastActive { get; internal init; }

    /// <summary>When nobody can come with a cookie of this session any more.</summary>
    public DateTimeOffset ForgetAt { get; internal init; }

    /// <summary>When a generation was first presented while it was the newest that any browser had shown; both columns grow.</summary>
    public ImmutableArray<Presentation> Presented { get; internal init; } = [];

    public bool HasEnded(int generation) => generation <= EndedThrough;

    /// <summary>The rule of the grace: a cookie stays good until <paramref name="grace"/> has passed since a later one was first
    /// presented. An answer that never reached the browser therefore costs nothing, however late the browser comes back.</summary>
    public bool IsGood(int generation, DateTimeOffset now, TimeSpan grace)
    {
        foreach (var later in Presented)
        {
            if (later.Generation > generation)
            {
                return now - later.At <= grace;
            }
        }

        return true;
    }

    /// <summary>Notes that a browser came with a cookie of this generation; the same record when that is no news.</summary>
    public SessionLineage Present(int generation, DateTimeOffset now, TimeSpan grace)
    {
        if (generation is 0 || (!Presented.IsEmpty && Presented[^1].Generation >= generation))
        {
            return this;
        }

        // All that is older than the grace says the same: keep the last of it.
        var start = 0;
        while (start + 1 < Presented.Length && now - Presented[start + 1].At > grace)
        {
            start++;
        }

        return Next() with
        {
            Presented = Presented[start..].Add(new(generation, now)),
        };
    }

    public SessionLineage Refreshed(int generation, SessionTokens tokens) => Next() with { Generation = generation, Tokens = tokens };

    /// <summary>The user signed out, or signed in anew: nothing of this session is good any more.</summary>
    public SessionLineage Ended(DateTimeOffset now) => Next() with { EndedThrough = Everything, EndedAt = now, Tokens = null };

    /// <summary>The backend refused the tokens of this generation. A later one, which this site may have forgotten, lives on.</summary>
    public SessionLineage EndedUpTo(int generation, DateTimeOffset now) =>
        HasEnded(generation) ? this : Next() with { EndedThrough = generation, EndedAt = now };

    public SessionLineage ActiveAt(DateTimeOffset time) => time > LastActive ? Next() with { LastActive = time } : this;

    public SessionLineage ForgottenAt(DateTimeOffset time) => time > ForgetAt ? Next() with { ForgetAt = time } : this;

    /// <summary>Whether there is nothing in the other one that this one does not know.</summary>
    public bool Includes(SessionLineage other) =>
        Version == other.Version
        || (
            Generation >= other.Generation
            && EndedThrough >= other.EndedThrough
            && LastActive >= other.LastActive
            && ForgetAt >= other.ForgetAt
            && (other.Presented.IsEmpty || (!Presented.IsEmpty && Presented[^1].Generation >= other.Presented[^1].Generation))
        );

    /// <summary>What both know, where two nodes that could not reach each other have changed the same record.</summary>
    public SessionLineage MergedWith(SessionLineage other)
    {
        var isNewer = Generation > other.Generation || (Generation == other.Generation && !(Tokens?.IssuedAt < other.Tokens?.IssuedAt));
        var (newer, older) = isNewer ? (this, other) : (other, this);
        var ended =
            newer.EndedThrough > older.EndedThrough || (newer.EndedThrough == older.EndedThrough && !(newer.EndedAt < older.EndedAt))
                ? newer
                : older;
        return newer with
        {
            Version = NewVersion(),
            Tokens = ended.EndedThrough is Everything ? null : newer.Tokens,
            EndedThrough = ended.EndedThrough,
            EndedAt = ended.EndedAt,
            LastActive = LastActive > other.LastActive ? LastActive : other.LastActive,
            ForgetAt = ForgetAt > other.ForgetAt ? ForgetAt : other.ForgetAt,
            Presented = Merge(Presented, other.Presented),
        };
    }

    /// <summary>Never the tokens, and no more of the id than tells sessions apart.</summary>
    public override string ToString() => $"lineage of {SessionId[..6]}, generation {Generation}";

    /// <summary>The earlier a later generation was presented, the sooner an older one is over: both columns grow again.</summary>
    private static ImmutableArray<Presentation> Merge(ImmutableArray<Presentation> these, ImmutableArray<Presentation> those)
    {
        var merged = new List<Presentation>();
        foreach (
            var presentation in these
                .Concat(those)
                .OrderBy(presentation => presentation.At)
                .ThenByDescending(presentation => presentation.Generation)
        )
        {
            if (merged.Count is 0 || presentation.Generation > merged[^1].Generation)
            {
                merged.Add(presentation);
            }
        }

        return [.. merged];
    }

    private static long NewVersion() => Random.Shared.NextInt64(1, long.MaxValue);

    private SessionLineage Next() => this with { Version = NewVersion() };
}

/// <summary>A browser presented a cookie of this generation for the first time.</summary>
public readonly record struct Presentation(int Generation, DateTimeOffset At);
