using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>A lineage on its way between nodes: it comes out as it went in, and two that grew apart become one.</summary>
public sealed class SharedLineageTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(60);

    private static readonly Gen<SessionLineage> Lineages =
        from steps in Gen.Int[0, 4].Array[0, 12]
        from seconds in Gen.Int[1, 90].Array[12]
        select Grow(new SessionLineage("a session's id"), steps, seconds);

    [Fact]
    public async Task It_comes_out_as_it_went_in()
    {
        await using var site = new TestSite();
        var format = ActivatorUtilities.CreateInstance<LineageFormat>(site.Services);
        Lineages.Sample(
            lineage =>
            {
                var read = format.Read(lineage.SessionId, format.Write(lineage))!;
                Assert.Equal((lineage.Version, All(lineage)), (read.Version, All(read)));
            },
            iter: 200
        );
    }

    [Fact]
    public async Task It_belongs_to_one_session_and_to_this_site()
    {
        await using var site = new TestSite();
        await using var other = new TestSite().With("TokenSession:CookiePrefix", "other");
        var format = ActivatorUtilities.CreateInstance<LineageFormat>(site.Services);
        var written = format.Write(new SessionLineage("alice").Refreshed(1, Tokens(1)));

        Assert.Null(format.Read("mallory", written));
        Assert.Null(ActivatorUtilities.CreateInstance<LineageFormat>(other.Services).Read("alice", written));
        Assert.Null(format.Read("alice", written[..^1]));
        Assert.Null(format.Read("alice", []));
    }

    [Fact]
    public void Two_that_grew_apart_become_one_whichever_is_asked() =>
        Gen.Select(Lineages, Lineages)
            .Sample(
                (mine, theirs) =>
                {
                    var (one, other) = (mine.MergedWith(theirs), theirs.MergedWith(mine));

                    Assert.Equal(All(one), All(other));
                    Assert.Equal(Math.Max(mine.Generation, theirs.Generation), one.Generation);
                    Assert.True(one.Includes(mine) && one.Includes(theirs));
                    Assert.True(one.Version != mine.Version && one.Version != theirs.Version);
                    for (var generation = 0; generation < 8; generation++)
                    {
                        // Neither forgets an end or a presentation.
                        Assert.Equal(mine.HasEnded(generation) || theirs.HasEnded(generation), one.HasEnded(generation));
                        var (now, grace) = (Start.AddSeconds(200), TimeSpan.FromSeconds(60));
                        Assert.Equal(
                            mine.IsGood(generation, now, grace) && theirs.IsGood(generation, now, grace),
                            one.IsGood(generation, now, grace)
                        );
                    }

                    Assert.Equal(one.Presented.OrderBy(presentation => presentation.At), one.Presented);
                    Assert.Equal(one.Presented.OrderBy(presentation => presentation.Generation), one.Presented);
                },
                iter: 1_000
            );

    [RedisFact]
    public async Task With_a_certificate_the_keys_in_Redis_are_encrypted_too()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "keys.pfx");
        using (var key = RSA.Create(2048))
        {
            var request = new CertificateRequest("CN=keys of the tickets", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "a password"));
        }

        await using var redis = await RedisServer.NewAsync();
        await using var nodes = new Nodes(
            redis.Address,
            count: 2,
            node => node.With("TokenSession:KeyCertificate", file).With("TokenSession:KeyCertificatePassword", "a password")
        );
        var browser = await nodes.At(0).NewSignedInBrowserAsync();

        (await nodes.Visit(1, browser).GetAsync("/app")).ShouldBe(System.Net.HttpStatusCode.OK);

        var keys = $"{await redis.AskAsync("LINDEX", $"{TestSite.CookiePrefix}:keys", 0)}";
        Assert.Contains("EncryptedData", keys, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", keys, StringComparison.Ordinal);
        Assert.DoesNotContain(
            nodes.At(0).Log.Entries,
            entry => entry.Message.Contains("lie in Redis as they are", StringComparison.Ordinal)
        );
    }

    private static SessionLineage Grow(SessionLineage lineage, int[] steps, int[] seconds)
    {
        var now = Start;
        for (var step = 0; step < steps.Length; step++)
        {
            now = now.AddSeconds(seconds[step]);
            lineage = steps[step] switch
            {
                0 => lineage.Refreshed(lineage.Generation + 1, Tokens(lineage.Generation + 1)).ForgottenAt(now.AddDays(1)),
                1 => lineage.Present(lineage.Generation, now, TimeSpan.FromSeconds(60)),
                2 => lineage.ActiveAt(now),
                3 => lineage.EndedUpTo(lineage.Generation - 1, now),
                _ => seconds[step] > 80 ? lineage.Ended(now) : lineage,
            };
        }

        return lineage;
    }

    private static object All(SessionLineage lineage) =>
        (
            (
                lineage.SessionId,
                lineage.Generation,
                lineage.Tokens,
                lineage.EndedThrough,
                lineage.EndedAt,
                lineage.LastActive,
                lineage.ForgetAt
            ),
            string.Join(' ', lineage.Presented)
        );

    private static SessionTokens Tokens(int generation) => new($"access {generation}", Start, Start.AddMinutes(1), $"refresh {generation}");
}
