using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The Data Protection keys: the site keeps them across restarts, another site cannot use them, and their loss only signs users
/// out.</summary>
public sealed class DataProtectionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_restart_signs_no_user_out()
    {
        var cookies = await SignInAsync(new TestSite().With("TokenSession:DataProtectionKeyDirectory", folder.Path));

        await using var restarted = new TestSite().With("TokenSession:DataProtectionKeyDirectory", folder.Path);
        var browser = restarted.NewBrowser().With(cookies);

        Assert.Contains("Sign out", await (await browser.GetAsync("/")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(cookies, browser.Cookies);
    }

    [Fact]
    public async Task Lost_keys_cause_a_clean_sign_out_without_a_loop()
    {
        var cookies = await SignInAsync(new TestSite().With("TokenSession:DataProtectionKeyDirectory", folder.Path));

        await using var site = new TestSite().With("TokenSession:DataProtectionKeyDirectory", folder.PathOf("others"));
        var browser = site.NewBrowser().With(cookies);

        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
        Assert.Equal([site.Options.AntiforgeryCookie], browser.Cookies.Keys);
        (await browser.GetAsync("/login")).ShouldBe(HttpStatusCode.OK);
        (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldRedirectTo("/app");
        Assert.Equal(0, site.RefreshCalls);
        Assert.DoesNotContain(site.Log.OfTheSite, entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Another_site_with_the_same_folder_cannot_open_the_ticket()
    {
        var cookies = await SignInAsync(new TestSite().With("TokenSession:DataProtectionKeyDirectory", folder.Path));

        await using var other = new TestSite()
            .With("TokenSession:DataProtectionKeyDirectory", folder.Path)
            .With("TokenSession:CookiePrefix", "other");
        var browser = other
            .NewBrowser()
            .With(cookies.ToDictionary(cookie => "other" + cookie.Key[TestSite.CookiePrefix.Length..], cookie => cookie.Value));

        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_stops_the_start_and_is_named()
    {
        var file = folder.PathOf("a-file");
        await File.WriteAllTextAsync(file, "");
        await using var site = new TestSite().With("TokenSession:DataProtectionKeyDirectory", Path.Combine(file, "keys"));

        var failure = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());

        Assert.Contains("TokenSession:DataProtectionKeyDirectory", failure.Message, StringComparison.Ordinal);
        Assert.Contains("outlives a restart", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_account_of_the_site_reads_the_keys()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows encrypts them for the account instead.");
        var keys = folder.PathOf("new");
        await SignInAsync(new TestSite().With("TokenSession:DataProtectionKeyDirectory", keys));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(keys));
        }
    }

    [Fact]
    public async Task Older_keys_decrypt_their_tickets_and_new_keys_are_AES_256_GCM()
    {
        var before = folder.PathOf("before");
        var cookies = await SignInAsync(
            new TestSite()
                .With("TokenSession:DataProtectionKeyDirectory", before)
                .With(services =>
                    services.PostConfigure<KeyManagementOptions>(keys =>
                        keys.AuthenticatedEncryptorConfiguration = new AuthenticatedEncryptorConfiguration()
                    )
                )
        );
        Assert.Contains("AES_256_CBC", KeyIn(before), StringComparison.Ordinal);
        await using var site = new TestSite().With("TokenSession:DataProtectionKeyDirectory", before);
        var page = await site.NewBrowser().With(cookies).GetAsync("/");
        Assert.Contains("Sign out", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var now = folder.PathOf("now");
        await SignInAsync(new TestSite().With("TokenSession:DataProtectionKeyDirectory", now));
        Assert.Contains("AES_256_GCM", KeyIn(now), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is not there")]
    [InlineData("is something else")]
    [InlineData("has another password")]
    [InlineData("has no private key")]
    public async Task A_certificate_that_cannot_be_used_stops_the_start_and_is_named(string what)
    {
        var file = folder.PathOf("keys.pfx");
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=keys of the tickets", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var complete = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var withoutKey = X509CertificateLoader.LoadCertificate(complete.Export(X509ContentType.Cert));
        byte[]? content = what switch
        {
            "is something else" => [1, 2, 3],
            "has another password" => complete.Export(X509ContentType.Pfx, "another"),
            "has no private key" => withoutKey.Export(X509ContentType.Pfx, "a password"),
            _ => null,
        };
        if (content is not null)
        {
            await File.WriteAllBytesAsync(file, content);
        }

        await using var site = new TestSite()
            .With("TokenSession:DataProtectionCertificate", file)
            .With("TokenSession:DataProtectionCertificatePassword", "a password");

        var failure = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());

        Assert.Contains($"TokenSession:DataProtectionCertificate: {file} cannot be used", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TokenSession:DataProtectionCertificatePassword", failure.Message, StringComparison.Ordinal);
    }

    private static string KeyIn(string folder) => File.ReadAllText(Assert.Single(Directory.GetFiles(folder, "key-*.xml")));

    private static async Task<Dictionary<string, string>> SignInAsync(TestSite site)
    {
        await using (site)
        {
            var browser = site.NewBrowser();
            (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldRedirectTo(
                "/app"
            );
            return browser.Cookies;
        }
    }
}
