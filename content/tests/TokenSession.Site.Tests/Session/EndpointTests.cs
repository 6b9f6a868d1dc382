using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tests.Infrastructure;

namespace Tests.Session;

public sealed class EndpointTests
{
    public static TheoryData<string, string> NoSignIns =>
        new()
        {
            { "", "application/json" },
            { "{", "application/json" },
            { "[]", "application/json" },
            { "null", "application/json" },
            { "\"demo\"", "application/json" },
            { "{}", "application/json" },
            { """{"email":"demo@example.com"}""", "application/json" },
            { """{"email":"","password":""}""", "application/json" },
            { """{"email":" ","password":"demo"}""", "application/json" },
            { """{"email":1,"password":"demo"}""", "application/json" },
            { """{"email":"demo@example.com","password":"demo","rememberMe":"yes"}""", "application/json" },
            { """{"email":"demo@example.com","password":"demo","otp":123456}""", "application/json" },
            { "email=demo@example.com&password=demo", "application/x-www-form-urlencoded" },
            { """{"email":"demo@example.com","password":"demo"}""", "text/plain" },
            { """{"email":"demo@example.com","password":"demo"}""", "application/vnd.something" },
        };

    [Theory, MemberData(nameof(NoSignIns))]
    public async Task What_is_no_sign_in_gets_400_and_the_remedy(string body, string contentType)
    {
        await using var site = new TestSite();

        var answer = await PostLoginAsync(site, new StringContent(body, Encoding.UTF8, contentType));

        answer.ShouldBe(HttpStatusCode.BadRequest);
        Assert.Contains("Send JSON", (await ProblemAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, site.Calls("/auth/login"));
    }

    [Theory]
    [InlineData("demo@example.com", "wrong"), InlineData("nobody@example.com", "demo")]
    public async Task Wrong_credentials_get_401_and_no_cookies(string email, string password)
    {
        await using var site = new TestSite();
        var answer = await site.NewBrowser().SignInAsync(email, password);
        answer.ShouldBe(HttpStatusCode.Unauthorized);
        answer.ShouldSetNoCookies();
        Assert.Equal("bad_credentials", (await ProblemAsync(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_account_with_a_second_factor_is_asked_for_its_code()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();

        foreach (var otp in new[] { null, "000000" })
        {
            var answer = await browser.PostAsync(
                "/api/auth/login",
                new
                {
                    email = "otp@example.com",
                    password = "demo",
                    otp,
                }
            );
            answer.ShouldBe(HttpStatusCode.Unauthorized);
            Assert.Equal("otp_required", (await ProblemAsync(answer)).GetProperty("code").GetString());
        }

        (
            await browser.PostAsync(
                "/api/auth/login",
                new
                {
                    email = "otp@example.com",
                    password = "demo",
                    otp = "123456",
                }
            )
        ).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Login_and_refresh_return_durations_in_seconds()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser();

        var login = await (await browser.SignInAsync()).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((60, 48), (login.GetProperty("expiresIn").GetInt32(), login.GetProperty("refreshIn").GetInt32()));

        site.Time.Advance(TimeSpan.FromSeconds(10));
        var refresh = await (await browser.RefreshAsync()).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((50, 38), (refresh.GetProperty("expiresIn").GetInt32(), refresh.GetProperty("refreshIn").GetInt32()));
        Assert.Equal(0, site.RefreshCalls);
    }

    [Fact]
    public async Task They_also_return_how_long_the_session_lasts_without_another_page()
    {
        await using var site = new TestSite().With("TokenSession:IdleTimeout", "00:10:00").With("TokenSession:AbsoluteTimeout", "00:15:00");
        var browser = site.NewBrowser();

        Assert.Equal(600, await EndsInAsync(await browser.SignInAsync()));
        site.Time.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal(120, await EndsInAsync(await browser.RefreshAsync()));
        await browser.GetAsync("/");
        // The session does not get ten more minutes, because it cannot last longer than its absolute limit.
        Assert.InRange(await EndsInAsync(await browser.RefreshAsync()), 419, 420);

        static async Task<int> EndsInAsync(HttpResponseMessage answer) =>
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("endsIn").GetInt32();
    }

    [Fact]
    public async Task Without_a_session_refresh_says_401_and_logout_204()
    {
        await using var site = new TestSite();
        (await site.NewBrowser().RefreshAsync()).ShouldBe(HttpStatusCode.Unauthorized);
        (await site.NewBrowser().SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_link_to_the_logout_endpoint_leads_to_the_page_and_changes_nothing()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();

        (await browser.GetAsync("/api/auth/logout")).ShouldRedirectTo("/logout");

        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, site.Backend.LiveSessions);
    }

    [Fact]
    public async Task The_endpoints_can_have_another_path()
    {
        await using var site = new TestSite().With("TokenSession:BasePath", "/session");
        (await site.NewBrowser().PostAsync("/session/login", new { email = "demo@example.com", password = "demo" })).ShouldBe(
            HttpStatusCode.OK
        );
    }

    private static Task<HttpResponseMessage> PostLoginAsync(TestSite site, HttpContent content) =>
        site.NewBrowser().SendAsync(new(HttpMethod.Post, "/api/auth/login") { Content = content });

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
