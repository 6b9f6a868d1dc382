using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The old names of the settings of the first version are read for one version, with a warning.</summary>
public sealed class RenamedSettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, string, string> Renamed =>
        new()
        {
            { "RefreshBefore", "RefreshBeforeExpiration", "00:00:07", "00:00:08" },
            { "CoolDown", "RefreshRetryDelay", "00:00:07", "00:00:08" },
            { "RetryAfterCap", "MaxRetryAfter", "00:00:07", "00:00:08" },
            { "Grace", "GracePeriod", "00:00:07", "00:00:08" },
            { "HomePath", "DefaultReturnPath", "/old", "/new" },
        };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Renamed))]
    public async Task A_renamed_setting_is_read_by_its_old_name_with_a_warning(string old, string current, string value, string _)
    {
        await using var site = new TestSite().With($"TokenSession:{old}", value);
        Assert.Equal(value, ValueOf(site, current));
        AssertWarns(site, $"TokenSession:{old} is now TokenSession:{current}");
    }

    [Theory, MemberData(nameof(Renamed))]
    public async Task The_new_name_wins_and_the_old_one_is_still_warned_of(string old, string current, string value, string newer)
    {
        await using var site = new TestSite().With($"TokenSession:{old}", value).With($"TokenSession:{current}", newer);
        Assert.Equal(newer, ValueOf(site, current));
        AssertWarns(site, $"TokenSession:{old} is now TokenSession:{current}");
    }

    [Theory, MemberData(nameof(Renamed))]
    public async Task The_new_name_alone_is_not_warned_of(string old, string current, string _, string newer)
    {
        await using var site = new TestSite().With($"TokenSession:{current}", newer);
        Assert.Equal(newer, ValueOf(site, current));
        Assert.DoesNotContain(site.Log.Entries, entry => entry.Message.Contains($"TokenSession:{old} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_keys_stay_in_their_folder_and_encrypted_by_their_certificate()
    {
        var (keys, certificate) = (folder.PathOf("keys"), folder.PathOf("keys.pfx"));
        await File.WriteAllBytesAsync(certificate, NewCertificate("a password"));
        await using var site = new TestSite()
            .Without("TokenSession:DataProtectionKeyDirectory")
            .With("TokenSession:KeyFolder", keys)
            .With("TokenSession:KeyCertificate", certificate)
            .With("TokenSession:KeyCertificatePassword", "a password");

        await site.NewSignedInBrowserAsync();

        var key = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(keys, "key-*.xml")));
        Assert.Contains("EncryptedKey", key, StringComparison.Ordinal);
        AssertWarns(site, "TokenSession:KeyFolder is now TokenSession:DataProtectionKeyDirectory");
        AssertWarns(site, "TokenSession:KeyCertificate is now TokenSession:DataProtectionCertificate");
        AssertWarns(site, "TokenSession:KeyCertificatePassword is now TokenSession:DataProtectionCertificatePassword");
        Assert.DoesNotContain(site.Log.Entries, entry => entry.Message.Contains("a password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_folders_for_keys_the_one_with_the_new_name_is_used()
    {
        var (old, current) = (folder.PathOf("old"), folder.PathOf("current"));
        await using var site = new TestSite().With("TokenSession:KeyFolder", old).With("TokenSession:DataProtectionKeyDirectory", current);
        await site.NewSignedInBrowserAsync();
        Assert.False(Directory.Exists(old));
        Assert.Single(Directory.GetFiles(current, "key-*.xml"));
    }

    [Theory]
    [
        InlineData("LoginPath", "/signin", "TokenSession:LoginPage"),
        InlineData("LogoutPath", "/bye", "TokenSession:LogoutPage"),
        InlineData("loginpath", "/signin", "TokenSession:LoginPage")
    ]
    public async Task A_removed_setting_changes_nothing_and_is_warned_of(string setting, string value, string instead)
    {
        await using var site = new TestSite().With($"TokenSession:{setting}", value);
        (await site.NewBrowser().GetAsync("/app")).ShouldRedirectTo("/login");
        (await site.NewBrowser().GetAsync("/api/auth/logout")).ShouldRedirectTo("/logout");
        Assert.Contains(
            site.Log.Entries,
            entry =>
                entry.Level is LogLevel.Warning
                && entry.Message.Contains($"TokenSession:{setting} is no longer read", StringComparison.OrdinalIgnoreCase)
                && entry.Message.Contains(instead, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task An_old_name_with_a_wrong_value_stops_the_start()
    {
        await using var site = new TestSite().With("TokenSession:Grace", "-00:00:01");
        var failure = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => site.NewBrowser());
        Assert.Contains("TokenSession:GracePeriod", failure.Message, StringComparison.Ordinal);
    }

    private static string? ValueOf(TestSite site, string setting)
    {
        site.NewBrowser();
        return typeof(TokenSessionOptions).GetProperty(setting)!.GetValue(site.Options)?.ToString();
    }

    private static void AssertWarns(TestSite site, string text) =>
        Assert.Single(
            site.Log.Entries,
            entry => entry.Level is LogLevel.Warning && entry.Message.Contains(text + ".", StringComparison.Ordinal)
        );

    private static byte[] NewCertificate(string password)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=keys of the tickets", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.Export(X509ContentType.Pfx, password);
    }
}
