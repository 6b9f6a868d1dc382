using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session.Redis;

/// <summary>A token family between nodes: written and read again, it is the same.</summary>
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
            node =>
                node.With("TokenSession:DataProtectionCertificate", file)
                    .With("TokenSession:DataProtectionCertificatePassword", "a password")
        );
        var browser = await nodes.At(0).NewSignedInBrowserAsync();

        (await nodes.Visit(1, browser).GetAsync("/app")).ShouldBe(System.Net.HttpStatusCode.OK);

        var keys = $"{await redis.AskAsync("LINDEX", $"{TestSite.CookiePrefix}:keys", 0)}";
        Assert.Contains("EncryptedData", keys, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", keys, StringComparison.Ordinal);
        Assert.DoesNotContain(nodes.At(0).Log.Entries, entry => entry.Message.Contains("are not encrypted", StringComparison.Ordinal));
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
