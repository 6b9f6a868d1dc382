using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A site with a wrong setting does not start, and says what to set.</summary>
public sealed class OptionsValidationTests
{
    [Theory]
    [
        InlineData("TokenSession:RefreshBeforeExpiration", "00:00:00"),
        InlineData("TokenSession:RefreshBeforeExpiration", "-00:00:30"),
        InlineData("TokenSession:GracePeriod", "00:00:00")
    ]
    [
        InlineData("TokenSession:RefreshTimeout", "00:00:00"),
        InlineData("TokenSession:IdleTimeout", "-1"),
        InlineData("TokenSession:AbsoluteTimeout", "00:00:00")
    ]
    [InlineData("TokenSession:RefreshRetryDelay", "00:00:00"), InlineData("TokenSession:MaxRetryAfter", "00:00:00")]
    [
        InlineData("TokenSession:FailedSignInsPerClient", "0"),
        InlineData("TokenSession:FailedSignInsPerAccount", "9"),
        InlineData("TokenSession:FailedSignInsPerAccount", "2147483647"),
        InlineData("TokenSession:FailedSignInsPerAddress", "9"),
        InlineData("TokenSession:SignInTimeout", "00:00:00"),
        InlineData("TokenSession:AccessTokenCookie", "my token"),
        InlineData("TokenSession:RefreshTokenCookie", "__Host-x"),
        InlineData("TokenSession:SessionCookie", ""),
        InlineData("TokenSession:FailedSignInPeriod", "00:00:00")
    ]
    [InlineData("TokenSession:FailedSignInPeriod", "00:00:00.0000001")]
    [
        InlineData("TokenSession:CookiePrefix", "my site"),
        InlineData("TokenSession:CookiePrefix", ""),
        InlineData("TokenSession:CookiePrefix", "__Host-x")
    ]
    [
        InlineData("TokenSession:CookiePrefix", "日本"),
        InlineData("TokenSession:CookiePrefix", "a;b"),
        InlineData("TokenSession:CookiePrefix", "__secure-x")
    ]
    [
        InlineData("TokenSession:BasePath", "api"),
        InlineData("TokenSession:BasePath", "https://evil.example"),
        InlineData("TokenSession:BasePath", "/api/")
    ]
    [
        InlineData("TokenSession:LoginPage", "//Login"),
        InlineData("TokenSession:DefaultReturnPath", ""),
        InlineData("TokenSession:LogoutPage", "\\Logout"),
        InlineData("TokenSession:HomePage", "App")
    ]
    [
        InlineData("TokenSession:RefreshTimeout", "60"),
        InlineData("TokenSession:IdleTimeout", "10675199.00:00:00"),
        InlineData("TokenSession:AbsoluteTimeout", "10675199.00:00:00")
    ]
    [
        InlineData("TokenSession:LoginPage", "/Login?x=1"),
        InlineData("TokenSession:BasePath", "/api/{x}"),
        InlineData("TokenSession:BasePath", "/")
    ]
    [
        InlineData("TokenSession:RefershBefore", "00:00:30"),
        InlineData("Backend:Url", "api.example.com"),
        InlineData("Backend:Url", "ftp://api.example.com")
    ]
    [InlineData("Backend:Url", "https://api.example.com?key=1"), InlineData("Backend:Url", "https://user:secret@api.example.com")]
    [
        InlineData("Backend:DataTimeout", "00:00:00"),
        InlineData("Backend:DataTimeout", "10"),
        InlineData("Backend:UploadTimeout", "-00:00:01"),
        InlineData("Backend:DataRetries", "-1"),
        InlineData("Backend:DataRetries", "6")
    ]
    [
        InlineData("Backend:MaxRetryAfter", "-00:00:01"),
        InlineData("Backend:MaxRetryAfter", "00:00:10"),
        InlineData("Backend:PublicToken", "Bearer abc"),
        InlineData("Backend:ProxyPrefixes:0", "/"),
        InlineData("Backend:FilePrefixes:0", "assets"),
        InlineData("Backend:FilePrefixes:0", "/assets/")
    ]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value)
    {
        await using var site = new TestSite().With(setting, value);
        var failure = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());
        Assert.Contains(setting.Replace(":0", "", StringComparison.Ordinal), failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [
        InlineData("SessionCookie", "shop_user"),
        InlineData("RefreshTokenCookie", "SHOP_form"),
        InlineData("AccessTokenCookie", "shop_session")
    ]
    public async Task The_name_of_another_cookie_of_the_site_stops_the_start(string setting, string name)
    {
        await using var site = new TestSite().With("TokenSession:CookiePrefix", "shop").With($"TokenSession:{setting}", name);
        var failure = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.Contains("set three different names", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production"), InlineData("Staging"), InlineData("Testing")]
    public async Task Outside_development_a_site_without_a_backend_does_not_start(string environment)
    {
        await using var site = new TestSite { Environment = environment };
        var failure = Assert.Throws<OptionsValidationException>(() => site.NewBrowser());
        Assert.Contains("Backend__Url", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_development_the_site_says_how_to_sign_in()
    {
        await using var site = new TestSite();
        site.NewBrowser();
        Assert.Contains(site.Log.Entries, entry => entry.Message.Contains("demo@example.com", StringComparison.Ordinal));
    }

    [Theory]
    [
        InlineData("http://api.example.com", true),
        InlineData("https://api.example.com", false),
        InlineData("http://localhost:8055", false),
        InlineData("http://127.0.0.1:8055/v1", false)
    ]
    public async Task A_backend_over_plain_http_on_another_machine_is_warned_of(string url, bool isWarned)
    {
        await using var site = new TestSite { Environment = "Production" }.With("Backend:Url", url);
        site.NewBrowser();
        Assert.Equal(isWarned, site.Log.Entries.Any(entry => entry.Message.Contains("sent unencrypted", StringComparison.Ordinal)));
    }
}
