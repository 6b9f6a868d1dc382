using System.Collections.Immutable;

namespace TokenSessionSite.Session.Redis;

/// <summary>Merges two states of one token family that nodes changed while they could not reach each other.</summary>
public static class TokenFamilyMerge
{
    /// <summary>Determines whether this state contains all information of the other state.</summary>
    public static bool IsSupersetOf(this TokenFamily family, TokenFamily other) =>
        family.Version == other.Version
        || (
            family.Generation >= other.Generation
            && family.RevokedThrough >= other.RevokedThrough
            && family.RejectedGeneration >= other.RejectedGeneration
            && family.RefreshRefusedSince == LatestOfBoth(family.RefreshRefusedSince, other.RefreshRefusedSince)
            && family.AccessTokenRefusedSince == LatestOfBoth(family.AccessTokenRefusedSince, other.AccessTokenRefusedSince)
            && family.LastActive >= other.LastActive
            && family.ExpiresAt >= other.ExpiresAt
            && (other.Seen.IsEmpty || (!family.Seen.IsEmpty && family.Seen[^1].Generation >= other.Seen[^1].Generation))
        );

    public static TokenFamily MergeWith(this TokenFamily family, TokenFamily other)
    {
        var isNewer =
            family.Generation > other.Generation
            || (family.Generation == other.Generation && !(family.Tokens?.IssuedAt < other.Tokens?.IssuedAt));
        var newer = isNewer ? family : other;
        var revokedThrough = Math.Max(family.RevokedThrough, other.RevokedThrough);
        return newer with
        {
            Version = TokenFamily.NewVersion(),
            Tokens = revokedThrough is TokenFamily.AllGenerations ? null : newer.Tokens,
            RevokedThrough = revokedThrough,
            SignedOutAt = Latest(family.SignedOutAt, other.SignedOutAt),
            RejectedGeneration = Math.Max(family.RejectedGeneration, other.RejectedGeneration),

            // A refusal that one state does not know may have ended: the session is kept.
            RefreshRefusedSince = LatestOfBoth(family.RefreshRefusedSince, other.RefreshRefusedSince),
            AccessTokenRefusedSince = LatestOfBoth(family.AccessTokenRefusedSince, other.AccessTokenRefusedSince),
            LastActive = family.LastActive > other.LastActive ? family.LastActive : other.LastActive,
            ExpiresAt = family.ExpiresAt > other.ExpiresAt ? family.ExpiresAt : other.ExpiresAt,
            Seen = Merge(family.Seen, other.Seen),
        };
    }

    private static DateTimeOffset? LatestOfBoth(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other is null ? null : Latest(one, other);

    private static DateTimeOffset? Latest(DateTimeOffset? one, DateTimeOffset? other) => !(one < other) ? one ?? other : other;

    /// <summary>Keeps the earliest time at which each generation, or a later one, was first seen. Ascending by generation and by
    /// time.</summary>
    private static ImmutableArray<GenerationSeen> Merge(ImmutableArray<GenerationSeen> one, ImmutableArray<GenerationSeen> other)
    {
        var merged = new List<GenerationSeen>();
        foreach (var seen in one.Concat(other).OrderBy(seen => seen.At).ThenByDescending(seen => seen.Generation))
        {
            if (merged.Count is 0 || seen.Generation > merged[^1].Generation)
            {
                merged.Add(seen);
            }
        }

        return [.. merged];
    }
}
