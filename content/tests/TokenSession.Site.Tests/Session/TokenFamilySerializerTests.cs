using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A token family that is written and read again is the same.</summary>
public sealed class TokenFamilySerializerTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(60);

    private static readonly Gen<TokenFamily> Families =
        from steps in Gen.Int[0, 8].Array[0, 12]
        from seconds in Gen.Int[1, 90].Array[12]
        select Grow(new TokenFamily("a session's id"), steps, seconds);

    [Fact]
    public async Task It_comes_out_as_it_went_in()
    {
        await using var site = new TestSite();
        var format = ActivatorUtilities.CreateInstance<TokenFamilySerializer>(site.Services);
        Families.Sample(
            family =>
            {
                var read = format.Read(family.SessionId, format.Write(family))!;
                Assert.Equal((family.Version, All(family)), (read.Version, All(read)));
            },
            iter: 200
        );
    }

    [Fact]
    public async Task It_belongs_to_one_session_and_to_this_site()
    {
        await using var site = new TestSite();
        await using var other = new TestSite().With("TokenSession:CookiePrefix", "other");
        var format = ActivatorUtilities.CreateInstance<TokenFamilySerializer>(site.Services);
        var written = format.Write(new TokenFamily("alice").Refreshed(1, Tokens(1)));

        Assert.Null(format.Read("mallory", written));
        Assert.Null(ActivatorUtilities.CreateInstance<TokenFamilySerializer>(other.Services).Read("alice", written));
        Assert.Null(format.Read("alice", written[..^1]));
        Assert.Null(format.Read("alice", []));
    }

    private static TokenFamily Grow(TokenFamily family, int[] steps, int[] seconds)
    {
        var now = Start;
        for (var step = 0; step < steps.Length; step++)
        {
            now = now.AddSeconds(seconds[step]);
            family = steps[step] switch
            {
                0 => family.Refreshed(family.Generation + 1, Tokens(family.Generation + 1)).WithExpiry(now.AddDays(1)),
                1 => family.MarkSeen(family.Generation, now, TimeSpan.FromSeconds(60)),
                2 => family.ActiveAt(now),
                3 => family.RevokedUpTo(family.Generation - 1),
                5 => family.RefreshRefused(now),
                6 => family.AccessTokenRefused(now),
                7 => family.AccessTokenAccepted(),
                8 => family.Rejected(family.Generation),
                _ => seconds[step] > 80 ? family.SignedOut(now) : family,
            };
        }

        return family;
    }

    private static object All(TokenFamily family) =>
        (
            (
                family.SessionId,
                family.Generation,
                family.Tokens is { } tokens
                    ? (tokens with { User = null }, $"{tokens.User} {string.Join(' ', tokens.User!.Roles)}")
                    : default,
                family.RevokedThrough,
                family.SignedOutAt,
                family.RejectedGeneration,
                family.LastActive,
                family.ExpiresAt
            ),
            (family.RefreshRefusedSince, family.AccessTokenRefusedSince),
            string.Join(' ', family.Seen)
        );

    private static SessionTokens Tokens(int generation) =>
        new($"access {generation}", Start, Start.AddMinutes(1), $"refresh {generation}", new("7", null, "admin", $"role {generation}"));
}
