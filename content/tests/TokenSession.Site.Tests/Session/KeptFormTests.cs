using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>A form that was posted and not processed comes back with its text, and one button sends it again.</summary>
public sealed partial class KeptFormTests
{
    private const string Text = "a report of \u00FCber 30 words, <b>&amp;</b> \u201Cquotes\u201D";

    private static readonly (string, string)[] Right = [("Email", DemoBackend.Email), ("Password", DemoBackend.Password)];

    private readonly List<KeyValuePair<string, string>> received = [];

    [Fact]
    public async Task After_the_end_of_the_session_it_is_sent_after_the_sign_in()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);

        var answer = await browser.SendFormAsync("/reports?draft=1", form, ("Text", Text), ("Tag", "a"), ("Tag", "b"));

        answer.ShouldRedirectTo("/login?returnTo=%2Freports%3Fdraft%3D1&formNotSent=true");
        var login = answer.Headers.Location!.OriginalString;
        Assert.Contains("your text is kept", await HtmlAsync(await browser.GetAsync(login)), StringComparison.Ordinal);
        var signedIn = await browser.FillInAsync(login, Right);
        signedIn.ShouldRedirectTo("/kept-form?returnTo=%2Freports%3Fdraft%3D1");
        var page = await HtmlAsync(await browser.GetAsync(signedIn.Headers.Location!.OriginalString));
        Assert.Contains(Text, WebUtility.HtmlDecode(page), StringComparison.Ordinal);

        var sent = await SendAgainAsync(browser, page);

        sent.ShouldBe(HttpStatusCode.OK);
        Assert.Equal([new("Text", Text), new("Tag", "a"), new("Tag", "b")], received);
        (await browser.GetAsync("/kept-form?returnTo=%2Freports")).ShouldRedirectTo("/reports");
    }

    [Fact]
    public async Task A_form_that_is_too_long_for_a_cookie_is_shown_at_once()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var text = new string('x', 10_000);

        var answer = await browser.SendFormAsync("/reports", form, ("Text", text));

        answer.ShouldBe(HttpStatusCode.Unauthorized);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var page = await HtmlAsync(answer);
        Assert.Contains("Sign in in a new tab", page, StringComparison.Ordinal);
        await browser.SignInAsync();
        (await SendAgainAsync(browser, page)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal([new("Text", text)], received);
    }

    [Fact]
    public async Task A_session_that_ends_again_before_the_button_is_pressed_loses_nothing()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var page = await KeptPageAsync(site, browser, ("Text", Text));
        site.Backend.RevokeEverySession();
        site.ExpireAccessTokens();

        var answer = await SendAgainAsync(browser, page);

        var location = (await browser.FillInAsync(answer.Headers.Location!.OriginalString, Right)).Headers.Location!.OriginalString;
        (await SendAgainAsync(browser, await HtmlAsync(await browser.GetAsync(location)))).ShouldBe(HttpStatusCode.OK);
        Assert.Equal([new("Text", Text)], received);
    }

    [Fact]
    public async Task The_button_works_also_when_the_cookie_is_gone()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var page = await KeptPageAsync(site, browser, ("Text", Text));
        browser.Cookies.Remove(site.Options.KeptFormCookie);

        (await SendAgainAsync(browser, page)).ShouldBe(HttpStatusCode.OK);

        Assert.Equal([new("Text", Text)], received);
    }

    [Fact]
    public async Task The_form_of_a_second_tab_does_not_replace_the_first()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var login = (await browser.SendFormAsync("/reports", form, ("Text", "of the first tab"))).Headers.Location!.OriginalString;

        var second = await browser.SendFormAsync("/reports", form, ("Text", "of the second tab"));

        second.ShouldBe(HttpStatusCode.Unauthorized);
        var location = (await browser.FillInAsync(login, Right)).Headers.Location!.OriginalString;
        await SendAgainAsync(browser, await HtmlAsync(await browser.GetAsync(location)));
        await SendAgainAsync(browser, await HtmlAsync(second));
        Assert.Equal([new("Text", "of the first tab"), new("Text", "of the second tab")], received);
    }

    [Fact]
    public async Task A_sign_in_in_another_tab_leads_to_it_too()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var login = (await browser.SendFormAsync("/reports", form, ("Text", Text))).Headers.Location!.OriginalString;
        await browser.SignInAsync();

        (await browser.GetAsync(login)).ShouldRedirectTo("/kept-form?returnTo=%2Freports");
    }

    [Fact]
    public async Task A_link_cannot_change_where_it_is_sent_to()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        await KeptPageAsync(site, browser, ("Text", Text));

        var page = await HtmlAsync(await browser.GetAsync("/kept-form?returnTo=%2Fdelete-everything"));

        var form = page[page.IndexOf("<form method=\"post\"", StringComparison.Ordinal)..];
        Assert.Equal("/kept-form?returnTo=%2Freports", Decoded(Action().Match(form).Groups[1]));
    }

    [Fact]
    public async Task A_form_that_is_shown_at_once_is_not_sent_for_another_user()
    {
        await using var site = NewSite();
        site.Backend.AddUser("other@example.com", DemoBackend.Password);
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var page = await HtmlAsync(await browser.SendFormAsync("/reports", form, ("Text", new string('x', 10_000))));
        await browser.SignInAsync("other@example.com");

        (await browser.SendFormAsync("/", TestBrowser.FormFieldIn(page))).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_redirect_to_the_login_page_fits_into_the_buffer_of_a_proxy()
    {
        await using var site = TestSite.InProduction().WithEndpoints(Reports);
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var sizes = new List<int>();
        for (var length = 500; length < 3_000; length += 50)
        {
            var answer = await browser.Copy().SendFormAsync("/reports", form, ("Text", new string('x', length)));
            if (answer.StatusCode is HttpStatusCode.Redirect)
            {
                sizes.Add(answer.Headers.Sum(header => header.Value.Sum(value => header.Key.Length + 4 + value.Length)));
            }
        }

        Assert.True(sizes.Count > 10);
        Assert.InRange(sizes.Max(), 2_000, 3_600);
    }

    [Fact]
    public async Task During_an_outage_the_page_has_the_text_and_sends_it_again()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await browser.OpenFormAsync("/logout");
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        var answer = await browser.SendFormAsync("/reports", form, ("Text", Text));

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var page = await HtmlAsync(answer);
        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await SendAgainAsync(browser, page)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal([new("Text", Text)], received);
    }

    [Fact]
    public async Task Another_user_does_not_get_it()
    {
        await using var site = NewSite();
        site.Backend.AddUser("other@example.com", DemoBackend.Password);
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var login = (await browser.SendFormAsync("/reports", form, ("Text", Text))).Headers.Location!.OriginalString;

        var answer = await browser.FillInAsync(login, ("Email", "other@example.com"), ("Password", DemoBackend.Password));

        answer.ShouldRedirectTo("/reports");
        Assert.DoesNotContain(Text, WebUtility.HtmlDecode(await HtmlAsync(await browser.GetAsync("/kept-form"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_the_hidden_field_belongs_to_the_user_of_the_session()
    {
        await using var site = NewSite();
        site.Backend.AddUser("other@example.com", DemoBackend.Password);
        var browser = await SignedInAsync(site);
        await EndedAsync(site, browser);
        var content = new FormUrlEncodedContent([new("Text", Text)]);
        var answer = await browser.SendAsync(new(HttpMethod.Post, "/reports") { Content = content }, [("Accept", "text/html")]);

        (
            await browser.FillInAsync(
                answer.Headers.Location!.OriginalString,
                ("Email", "other@example.com"),
                ("Password", DemoBackend.Password)
            )
        ).ShouldRedirectTo("/reports");
    }

    [Theory]
    [InlineData("CarbonFootprint"), InlineData("Secretary"), InlineData("PostalCode"), InlineData("Input.Opinion"), InlineData("Passenger")]
    public async Task Other_names_are_not_taken_for_passwords(string name)
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        (await SendAgainAsync(browser, await KeptPageAsync(site, browser, (name, Text)))).ShouldBe(HttpStatusCode.OK);
        Assert.Equal([new(name, Text)], received);
    }

    [Theory]
    [
        InlineData("NewPassword"),
        InlineData("Input.Otp"),
        InlineData("pin"),
        InlineData("pwd"),
        InlineData("RecoveryCode"),
        InlineData("Code")
    ]
    public async Task A_password_is_not_kept_and_then_the_form_cannot_be_sent_again(string name)
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);
        var login = (await browser.SendFormAsync("/reports", form, ("Text", Text), (name, "s3cret-of-the-form")))
            .Headers
            .Location!
            .OriginalString;

        var location = (await browser.FillInAsync(login, Right)).Headers.Location!.OriginalString;

        var page = WebUtility.HtmlDecode(await HtmlAsync(await browser.GetAsync(location)));
        Assert.Contains(Text, page, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-of-the-form", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Send again", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_not_kept()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        await EndedAsync(site, browser);
        var content = new MultipartFormDataContent
        {
            { new StringContent(Text), "Text" },
            { new ByteArrayContent("bytes"u8.ToArray()), "Upload", "a.txt" },
        };
        var answer = await browser.SendAsync(new(HttpMethod.Post, "/reports") { Content = content }, [("Accept", "text/html")]);

        var location = (await browser.FillInAsync(answer.Headers.Location!.OriginalString, Right)).Headers.Location!.OriginalString;

        var page = WebUtility.HtmlDecode(await HtmlAsync(await browser.GetAsync(location)));
        Assert.Contains(Text, page, StringComparison.Ordinal);
        Assert.DoesNotContain("Send again", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cookie_is_sealed_short_lived_and_deleted_by_a_sign_out()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await EndedAsync(site, browser);

        var answer = await browser.SendFormAsync("/reports", form, ("Text", "readable-text"));

        var cookie = TestBrowser.SetCookies(answer).Single(cookie => cookie.Name == site.Options.KeptFormCookie);
        Assert.True(cookie is { HttpOnly: true, SameSite: Microsoft.Net.Http.Headers.SameSiteMode.Strict });
        Assert.Equal(KeptFormCookie.Lifetime, cookie.MaxAge);
        Assert.DoesNotContain(
            "readable-text",
            Encoding.UTF8.GetString(Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(cookie.Value.ToString())),
            StringComparison.Ordinal
        );
        var late = browser.Copy();
        await browser.SignInAsync();
        await browser.SignOutAsync();
        Assert.DoesNotContain(site.Options.KeptFormCookie, browser.Cookies.Keys);

        site.Time.Advance(KeptFormCookie.Lifetime);
        var login = answer.Headers.Location!.OriginalString;
        Assert.Contains("fill it in again", await HtmlAsync(await late.GetAsync(login)), StringComparison.Ordinal);
        (await late.FillInAsync(login, Right)).ShouldRedirectTo("/reports");
    }

    [Fact]
    public async Task The_form_of_another_site_is_not_kept()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        await EndedAsync(site, browser);
        var content = new FormUrlEncodedContent([new("Text", "planted")]);
        var answer = await browser.SendAsync(
            new(HttpMethod.Post, "/reports") { Content = content },
            [("Accept", "text/html"), ("Sec-Fetch-Site", "cross-site")]
        );
        answer.ShouldRedirectTo("/login?returnTo=%2Freports&formNotSent=true");
        Assert.DoesNotContain(TestBrowser.SetCookies(answer), cookie => cookie.Name == site.Options.KeptFormCookie);
    }

    [Fact]
    public async Task A_form_that_is_not_kept_is_not_sent_again_as_a_page()
    {
        await using var site = NewSite();
        var browser = await SignedInAsync(site);
        var form = await browser.OpenFormAsync("/logout");
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);

        var page = await HtmlAsync(await browser.SendFormAsync("/reports", form, ("Text", new string('x', 250_000))));

        Assert.Contains("Go back to return to your form", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Try again</a>", page, StringComparison.Ordinal);
    }

    /// <summary>The page that shows a form after the session has ended and the user has signed in.</summary>
    private static async Task<string> KeptPageAsync(TestSite site, TestBrowser browser, params (string, string)[] fields)
    {
        var form = await EndedAsync(site, browser);
        var login = (await browser.SendFormAsync("/reports", form, fields)).Headers.Location!.OriginalString;
        var location = (await browser.FillInAsync(login, Right)).Headers.Location!.OriginalString;
        return await HtmlAsync(await browser.GetAsync(location));
    }

    private TestSite NewSite() => new TestSite().WithEndpoints(Reports);

    private void Reports(IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapPost(
                "/reports",
                async (HttpContext context) =>
                {
                    var form = await context.Request.ReadFormAsync();
                    received.AddRange(
                        form.Where(field => !field.Key.StartsWith("__", StringComparison.Ordinal))
                            .SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value!)))
                    );
                    return "";
                }
            )
            .RequireAuthorization();

    private static async Task<TestBrowser> SignedInAsync(TestSite site)
    {
        var browser = site.NewBrowser().NamingTheSender();
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        return browser;
    }

    /// <summary>Ends the session. Returns the hidden field of a form that was opened before.</summary>
    private static async Task<string> EndedAsync(TestSite site, TestBrowser browser)
    {
        var form = await browser.OpenFormAsync("/logout");
        site.Backend.RevokeEverySession();
        site.ExpireAccessTokens();
        return form;
    }

    /// <summary>Presses the button, and follows a redirect as a browser does.</summary>
    private static async Task<HttpResponseMessage> SendAgainAsync(TestBrowser browser, string page)
    {
        var form = page[page.IndexOf("<form method=\"post\"", StringComparison.Ordinal)..];
        var fields = HiddenFields()
            .Matches(form)
            .Select(field => (Decoded(field.Groups[1]), Decoded(field.Groups[2])))
            .Where(field => !field.Item1.StartsWith('_'))
            .ToArray();
        var answer = await browser.SendFormAsync(Decoded(Action().Match(form).Groups[1]), TestBrowser.FormFieldIn(form), fields);
        while (answer.StatusCode is HttpStatusCode.TemporaryRedirect)
        {
            answer = await browser.SendFormAsync(answer.Headers.Location!.OriginalString, TestBrowser.FormFieldIn(form), fields);
        }

        return answer;
    }

    private static string Decoded(Group group) => WebUtility.HtmlDecode(group.Value);

    private static Task<string> HtmlAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();

    [GeneratedRegex("action=\"([^\"]*)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenFields();
}
