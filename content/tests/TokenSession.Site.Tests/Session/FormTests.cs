using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A form is accepted or refused by what the browser says about its sender, and by the user of its page. The cookies of other tabs
/// do not matter.</summary>
public sealed class FormTests
{
    private static readonly (string, string)[] Right = [("Email", DemoBackend.Email), ("Password", DemoBackend.Password)];

    [Fact]
    public async Task Ten_tabs_that_a_browser_restores_at_once_can_all_sign_in()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser().NamingTheSender();

        // All tabs load before the browser has a cookie.
        var opened = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => browser.Copy().GetAsync("/login")));
        foreach (var tab in opened)
        {
            browser.Keep(tab);
        }

        foreach (var tab in opened)
        {
            var form = TestBrowser.FormFieldIn(await tab.Content.ReadAsStringAsync());
            (await browser.Copy().SendFormAsync("/login", form, Right)).ShouldRedirectTo("/app");
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site"), InlineData("Sec-Fetch-Site", "same-site"), InlineData("Sec-Fetch-Site", "nonsense")]
    [InlineData("Origin", "https://evil.example"), InlineData("Origin", "null"), InlineData("Origin", "https://localhost:444")]
    public async Task A_form_on_a_page_of_another_site_is_refused_and_its_text_is_not_shown(string header, string value)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        foreach (var path in new[] { "/", "/login", "/logout", "/app" })
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent([new("Email", "planted"), new("__RequestVerificationToken", ":")]),
            };

            var answer = await (path is "/login" ? site.NewBrowser() : browser).SendAsync(
                request,
                [(header, value), ("Accept", "text/html")]
            );

            answer.ShouldBe(HttpStatusCode.BadRequest);
            Assert.DoesNotContain("planted", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal((1, 1), (site.Backend.LiveSessions, site.Calls("/auth/login")));
        Assert.Equal(4, site.Log.Entries.Count(entry => entry.Message.Contains("page of another site", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin"), InlineData("Sec-Fetch-Site", "none"), InlineData("Origin", "https://localhost")]
    public async Task A_form_of_this_site_needs_no_cookie(string header, string value)
    {
        await using var site = new TestSite();
        var form = TestBrowser.FormFieldIn(await (await site.NewBrowser().GetAsync("/", (header, value))).Content.ReadAsStringAsync());
        var content = new FormUrlEncodedContent([new("__RequestVerificationToken", form)]);
        (await site.NewBrowser().SendAsync(new(HttpMethod.Post, "/") { Content = content }, [(header, value)])).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>ASP.NET Core 11 also checks the forms of endpoints. Its own check would refuse a form if the proxy does not forward the
    /// scheme.</summary>
    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK), InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.BadRequest)]
    [InlineData("Origin", "http://localhost", HttpStatusCode.OK), InlineData("Origin", "https://evil.example", HttpStatusCode.BadRequest)]
    public async Task The_form_of_an_endpoint_is_checked_like_that_of_a_page(string header, string value, HttpStatusCode status)
    {
        await using var site = new TestSite().WithEndpoints(endpoints => endpoints.MapPost("/api/notes", ([FromForm] string text) => text));
        foreach (var path in new[] { "/", "/api/notes" })
        {
            var content = new FormUrlEncodedContent([new("text", "hello"), new("__RequestVerificationToken", ":")]);
            var answer = await site.NewBrowser().SendAsync(new(HttpMethod.Post, path) { Content = content }, [(header, value)]);
            answer.ShouldBe(status);
        }
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_form_of_one_user_is_not_accepted_for_another(bool namesSender)
    {
        await using var site = new TestSite();
        site.Backend.AddUser("other@example.com", DemoBackend.Password);
        var browser = namesSender ? site.NewBrowser().NamingTheSender() : site.NewBrowser();
        await browser.SignInAsync();
        var form = await browser.OpenFormAsync("/logout");
        await browser.SignInAsync("other@example.com");

        var answer = await browser.SendFormAsync("/", form, ("Comment", "written by the first user"));

        answer.ShouldBe(HttpStatusCode.BadRequest);
        if (namesSender)
        {
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Contains("Another user has signed in", page, StringComparison.Ordinal);
            Assert.Contains("written by the first user", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Send again", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_proxy_that_empties_the_headers_does_not_replace_the_tokens()
    {
        await using var site = new TestSite();
        var content = new FormUrlEncodedContent([new("__RequestVerificationToken", ":")]);
        var answer = await site.NewBrowser()
            .SendAsync(new(HttpMethod.Post, "/") { Content = content }, [("Sec-Fetch-Site", ""), ("Origin", "")]);
        answer.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_form_of_the_same_user_is_accepted_in_another_session_and_so_is_a_form_of_a_guest()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser().NamingTheSender();
        var guests = await browser.OpenFormAsync("/login");
        await browser.SignInAsync();
        var users = await browser.OpenFormAsync("/logout");
        await browser.SignOutAsync();
        (await browser.SendFormAsync("/", users)).ShouldBe(HttpStatusCode.OK);
        await browser.SignInAsync();
        (await browser.SendFormAsync("/", users)).ShouldBe(HttpStatusCode.OK);
        (await browser.SendFormAsync("/", guests)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_page_with_a_form_sets_no_cookie_in_a_browser_that_names_the_sender()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser().NamingTheSender();
        browser.Cookies["theme"] = "dark";
        (await browser.GetAsync("/login")).ShouldSetNoCookies();
        await browser.SignInAsync();
        (await browser.GetAsync("/logout")).ShouldSetNoCookies();
    }

    [Fact]
    public async Task The_login_page_says_that_the_browser_blocks_cookies()
    {
        await using var site = new TestSite();
        var browser = site.NewBrowser().NamingTheSender();
        var form = await browser.Copy().OpenFormAsync("/login");

        var answer = await browser.Copy().SendFormAsync("/login", form, Right);

        answer.ShouldBe(HttpStatusCode.BadRequest);
        Assert.Contains("This site needs cookies", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, site.Calls("/auth/login"));
        browser.Keep(answer);
        (await browser.SendFormAsync("/login", form, Right)).ShouldRedirectTo("/app");
        Assert.DoesNotContain(site.Options.ProbeCookie, browser.Cookies.Keys);
    }

    [Theory]
    [InlineData("%"), InlineData("a=%00b"), InlineData("\0")]
    public async Task A_body_that_is_no_form_is_a_bad_request(string body)
    {
        await using var site = new TestSite();
        var content = new StringContent(body, null, "application/x-www-form-urlencoded");
        var answer = await site.NewBrowser().NamingTheSender().SendAsync(new(HttpMethod.Post, "/login") { Content = content });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
