using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Tests.Infrastructure;

namespace Tests.Session;

public sealed class CookieTests
{
    [Fact]
    public async Task In_production_every_cookie_is_secure_and_the_ticket_is_host_bound_even_if_the_site_sees_http()
    {
        await using var site = TestSite.InProduction();
        var browser = site.NewBrowser("http://behind-a-proxy");

        var cookies = TestBrowser.SetCookies(await browser.SignInAsync()).ToDictionary(cookie => cookie.Name.ToString());

        Assert.Equal(
            [
                $"__Host-{TestSite.CookiePrefix}_refresh_token",
                $"{TestSite.CookiePrefix}_session",
                $"{TestSite.CookiePrefix}_token",
                $"{TestSite.CookiePrefix}_user",
            ],
            cookies.Keys.Order(StringComparer.Ordinal)
        );
        Assert.All(
            cookies.Values,
            cookie =>
            {
                Assert.True(cookie.Secure);
                Assert.Equal(Microsoft.Net.Http.Headers.SameSiteMode.Lax, cookie.SameSite);
                Assert.Equal("/", cookie.Path.ToString());
                Assert.False(cookie.Domain.HasValue);
            }
        );
        Assert.All(cookies.Values, cookie => Assert.Equal(cookie.Name.StartsWith("__Host-", StringComparison.Ordinal), cookie.HttpOnly));
    }

    [Fact]
    public async Task In_production_the_forms_cookie_is_secure_and_host_bound_too()
    {
        await using var site = TestSite.InProduction();

        var cookie = Assert.Single(TestBrowser.SetCookies(await site.NewBrowser("http://behind-a-proxy").GetAsync("/login")));

        Assert.Equal($"__Host-{TestSite.CookiePrefix}_antiforgery", cookie.Name.ToString());
        Assert.True(cookie is { Secure: true, HttpOnly: true, SameSite: Microsoft.Net.Http.Headers.SameSiteMode.Strict });
        Assert.Equal("/", cookie.Path.ToString());
        Assert.False(cookie.Domain.HasValue);
    }

    [Theory]
    [InlineData("/login"), InlineData("/api/auth/login")]
    public async Task A_sign_in_over_plain_http_names_the_remedy_even_when_it_is_refused(string path)
    {
        await using var site = TestSite.InProduction();
        await site.NewBrowser("http://site.test").PostAsync(path);
        Assert.Contains(
            site.Log.Entries,
            entry =>
                entry.Level is LogLevel.Warning
                && entry.Message.Contains("ASPNETCORE_FORWARDEDHEADERS_ENABLED", StringComparison.Ordinal)
                && entry.Message.Contains("AllowInsecureHttp", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task On_a_closed_network_cookies_follow_the_scheme_and_have_no_prefix()
    {
        await using var site = TestSite.InProduction().With("TokenSession:AllowInsecureHttp", "true");

        var cookies = TestBrowser.SetCookies(await site.NewBrowser("http://intranet").SignInAsync());

        Assert.Equal(4, cookies.Count);
        Assert.All(cookies, cookie => Assert.False(cookie.Secure));
        Assert.All(cookies, cookie => Assert.StartsWith($"{TestSite.CookiePrefix}_", cookie.Name.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Remember_me_decides_whether_the_session_outlives_the_browser(bool rememberMe)
    {
        await using var site = new TestSite();

        var cookies = TestBrowser.SetCookies(await site.NewBrowser().SignInAsync(rememberMe: rememberMe));

        foreach (var name in new[] { $"{TestSite.CookiePrefix}_refresh_token", $"{TestSite.CookiePrefix}_session" })
        {
            var cookie = cookies.Single(cookie => cookie.Name == name);
            Assert.Equal(rememberMe, cookie.MaxAge is not null || cookie.Expires is not null);
        }
    }

    [Fact]
    public async Task Without_remember_me_the_access_token_ends_with_the_browser_too()
    {
        await using var site = new TestSite();
        var cookies = TestBrowser.SetCookies(await site.NewBrowser().SignInAsync());
        Assert.Equal(4, cookies.Count);
        Assert.All(cookies, cookie => Assert.Equal((null, null), (cookie.MaxAge, cookie.Expires)));
    }

    [Fact]
    public async Task The_indicator_says_until_when_the_access_token_works_and_the_access_token_cookie_lives_as_long()
    {
        await using var site = new TestSite();

        var cookies = TestBrowser.SetCookies(await site.NewBrowser().SignInAsync(rememberMe: true));

        var expiry = DateTimeOffset.Parse(
            Uri.UnescapeDataString(Value(cookies, $"{TestSite.CookiePrefix}_session")),
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.InRange(expiry - site.Time.GetUtcNow(), TimeSpan.FromSeconds(59.9), TimeSpan.FromSeconds(60));
        Assert.InRange(
            cookies.Single(cookie => cookie.Name == $"{TestSite.CookiePrefix}_token").MaxAge!.Value,
            TimeSpan.FromSeconds(59),
            TimeSpan.FromSeconds(60)
        );
    }

    [Theory]
    [InlineData("/app"), InlineData("/")]
    public async Task A_lost_session_indicator_is_written_again(string path)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        browser.Cookies.Remove($"{TestSite.CookiePrefix}_session");

        await browser.GetAsync(path);

        Assert.Contains($"{TestSite.CookiePrefix}_session", browser.Cookies.Keys);
        (await browser.GetAsync(path)).ShouldSetNoCookies();
    }

    [Fact]
    public async Task If_scripts_must_not_read_the_access_token_there_is_no_cookie_for_it()
    {
        await using var site = new TestSite().With("TokenSession:AccessTokenInBrowser", "false");

        var cookies = TestBrowser.SetCookies(await site.NewBrowser().SignInAsync());

        Assert.Equal(
            [$"{TestSite.CookiePrefix}_refresh_token", $"{TestSite.CookiePrefix}_session", $"{TestSite.CookiePrefix}_user"],
            cookies.Select(cookie => cookie.Name.ToString()).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task An_access_token_cookie_from_before_the_change_of_the_setting_is_deleted()
    {
        await using var site = new TestSite().With("TokenSession:AccessTokenInBrowser", "false");
        var browser = await site.NewSignedInBrowserAsync();
        browser.Cookies[$"{TestSite.CookiePrefix}_token"] = "from-before";

        await browser.GetAsync("/");

        Assert.DoesNotContain($"{TestSite.CookiePrefix}_token", browser.Cookies.Keys);
        (await browser.GetAsync("/")).ShouldSetNoCookies();
    }

    [Fact]
    public async Task A_custom_prefix_names_all_cookies()
    {
        await using var site = new TestSite().With("TokenSession:CookiePrefix", "shop-1");

        var cookies = TestBrowser.SetCookies(await site.NewBrowser().SignInAsync());

        Assert.All(cookies, cookie => Assert.StartsWith("shop-1_", cookie.Name.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_depends_on_the_session_stays_out_of_caches_and_a_guests_page_is_kept_for_the_back_button()
    {
        await using var site = new TestSite();
        var guest = site.NewBrowser().NamingTheSender();
        foreach (var browser in new[] { guest, await site.NewSignedInBrowserAsync() })
        {
            foreach (
                var (path, method) in from path in site.Paths().Append("/nowhere")
                where !path.StartsWith("/health", StringComparison.Ordinal)
                from method in new[] { HttpMethod.Get, HttpMethod.Post }
                select (path, method)
            )
            {
                var answer = await browser.SendAndForgetAsync(new(method, path));
                var cacheControl = browser == guest && method == HttpMethod.Get ? "no-cache, private" : "no-store";
                Assert.True(
                    answer.Headers.CacheControl?.ToString() == cacheControl,
                    $"{method} {path} is {(int)answer.StatusCode} and has {answer.Headers.CacheControl}, not {cacheControl}."
                );
                Assert.Contains(HeaderNames.Cookie, answer.Headers.Vary);
            }
        }
    }

    [Fact]
    public async Task A_guests_page_that_forbids_caching_is_not_stored()
    {
        await using var site = new TestSite().WithEndpoints(endpoints =>
            endpoints.MapGet(
                "/secret",
                [SessionEndpoint]
                (HttpContext context) =>
                {
                    context.Response.Headers.CacheControl = "no-store";
                    return "";
                }
            )
        );
        var answer = await site.NewBrowser().GetAsync("/secret");
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task The_ticket_is_encrypted()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        var bytes = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(browser.Ticket!);
        var tokens = site.TicketOf(browser)!.Tokens;
        foreach (var text in new[] { Encoding.UTF8.GetString(bytes), Encoding.Unicode.GetString(bytes) })
        {
            Assert.DoesNotContain(tokens.RefreshToken[..12], text, StringComparison.Ordinal);
            Assert.DoesNotContain(tokens.AccessToken[..12], text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_huge_access_token_is_kept_in_the_ticket_and_the_log_says_that_scripts_get_none()
    {
        await using var site = new TestSite();
        site.Backend.AccessTokenPadding = 6_000;

        var browser = await site.NewSignedInBrowserAsync();

        Assert.DoesNotContain($"{TestSite.CookiePrefix}_token", browser.Cookies.Keys);
        Assert.Contains($"{TestSite.CookiePrefix}_refresh_tokenC1", browser.Cookies.Keys);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Contains(
            site.Log.Entries,
            entry => entry.Level is LogLevel.Warning && entry.Message.Contains("AccessTokenInBrowser", StringComparison.Ordinal)
        );

        // Shorter again: no chunk of the cookie is left.
        site.Backend.AccessTokenPadding = 0;
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        Assert.Equal(
            [
                $"{TestSite.CookiePrefix}_refresh_token",
                $"{TestSite.CookiePrefix}_session",
                $"{TestSite.CookiePrefix}_token",
                $"{TestSite.CookiePrefix}_user",
            ],
            browser.Cookies.Keys.Order(StringComparer.Ordinal)
        );

        await browser.SignOutAsync();
        Assert.Empty(browser.Cookies);
    }

    private static string Value(IEnumerable<SetCookieHeaderValue> cookies, string name) =>
        cookies.Single(cookie => cookie.Name == name).Value.ToString();
}
