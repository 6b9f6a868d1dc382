using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Requests in a culture with another decimal separator, other signs and another calendar.</summary>
public sealed partial class CultureTests
{
    public static TheoryData<string> Cultures => ["de-DE", "th-TH", "ar-SA", "fa-IR", "sv-SE"];

    [Fact]
    public void The_cultures_are_real_ones()
    {
        Assert.Equal(",", new CultureInfo("de-DE").NumberFormat.NumberDecimalSeparator);
        Assert.NotEqual("-", new CultureInfo("fa-IR").NumberFormat.NegativeSign);
        Assert.Equal(543, new CultureInfo("th-TH").Calendar.GetYear(DateTime.UnixEpoch) - 1970);
        Assert.IsType<UmAlQuraCalendar>(new CultureInfo("ar-SA").Calendar);
    }

    [Theory, MemberData(nameof(Cultures))]
    public async Task Signing_in_reading_a_page_refreshing_and_signing_out_work_in_every_culture(string culture)
    {
        await using var site = NewSite(culture);
        var browser = site.NewBrowser();
        (await browser.FillInAsync("/login", ("Email", DemoBackend.Email), ("Password", DemoBackend.Password))).ShouldRedirectTo("/app");
        AssertIndicator(site, browser);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);

        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, site.RefreshCalls);
        AssertIndicator(site, browser);

        site.ExpireAccessTokens();
        (await browser.RefreshAsync()).ShouldBe(HttpStatusCode.OK);
        AssertIndicator(site, browser);

        // Only from the cookie: the times in the ticket are read correctly.
        site.ForgetTokenFamilies();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        (await browser.FillInAsync("/logout")).ShouldRedirectTo("/");
        Assert.Null(browser.Ticket);
    }

    [Theory, MemberData(nameof(Cultures))]
    public async Task What_scripts_read_is_written_for_machines(string culture)
    {
        await using var site = NewSite(culture);
        var browser = await site.NewSignedInBrowserAsync();
        var html = await (await browser.GetAsync("/app")).Content.ReadAsStringAsync();
        var now = DateTimeOffset.Parse(Data(html, "now"), CultureInfo.InvariantCulture);
        Assert.InRange((now - site.Time.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Matches("^[0-9]+$", Data(html, "refresh-before"));
        Assert.Matches("^[0-9]+$", Data(html, "ends-in"));
        Assert.Matches("^[0-9]+$", Data(html, "warn-before"));

        static string Data(string html, string name) => Regex.Match(html, $"data-{name}=\"([^\"]*)\"").Groups[1].Value;
    }

    [Theory, MemberData(nameof(Cultures))]
    public async Task An_outage_says_in_digits_when_to_try_again(string culture)
    {
        await using var site = NewSite(culture);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.RetryAfter = TimeSpan.FromSeconds(7);
        site.Backend.Faults.Break(DemoFault.Unavailable);
        var answer = await browser.GetAsync("/app");
        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(["7"], answer.Headers.GetValues("Retry-After"));
    }

    private static void AssertIndicator(TestSite site, TestBrowser browser)
    {
        var indicator = Uri.UnescapeDataString(browser.Cookies[site.Options.SessionCookie]);
        Assert.Matches(Iso8601(), indicator);
        Assert.InRange(
            DateTimeOffset.Parse(indicator, CultureInfo.InvariantCulture) - site.Time.GetUtcNow(),
            TimeSpan.FromSeconds(59),
            TimeSpan.FromSeconds(60)
        );
    }

    private static TestSite NewSite(string culture) =>
        new TestSite().Behind(app =>
            app.Use(
                (context, next) =>
                {
                    CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new(culture);
                    return next(context);
                }
            )
        );

    [GeneratedRegex(@"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z\z")]
    private static partial Regex Iso8601();
}
