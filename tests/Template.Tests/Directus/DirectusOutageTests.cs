using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

[Collection(typeof(DirectusCollection))]
public sealed class DirectusOutageTests(DirectusOutage outage) : IClassFixture<DirectusOutage>
{
    [Fact]
    public void An_expired_session_gets_503_and_keeps_its_cookies()
    {
        foreach (var answer in new[] { outage.Page, outage.Refresh })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.NotNull(answer.RetryAfter);
            Assert.Empty(answer.SetCookies);
        }
        Assert.NotNull(outage.TicketBefore);
    }

    [Fact]
    public async Task The_session_works_as_soon_as_Directus_does()
    {
        var afterwards = outage.Visitor.Copy();
        Assert.Equal(outage.TicketBefore, afterwards.Ticket);

        // The retry delay may last a moment longer than the outage.
        SiteAnswer? app = null;
        await Eventually.TrueAsync(
            async () => (app = await afterwards.GetAsync("/app")).Status != HttpStatusCode.ServiceUnavailable,
            "the site serves the page again"
        );
        Assert.Equal(HttpStatusCode.OK, app?.Status);
        Assert.Contains(outage.User.Email, app!.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Public_pages_are_served() => Assert.Equal(HttpStatusCode.OK, outage.PublicPage.Status);

    [Fact]
    public void Signing_in_says_that_it_is_not_possible_now_and_keeps_the_e_mail()
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, outage.Login.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, outage.LoginForm.Status);
        Assert.Contains($"value=\"{outage.User.Email}\"", outage.LoginForm.Body, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", outage.LoginForm.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_works()
    {
        Assert.Equal(HttpStatusCode.NoContent, outage.Logout.Status);
        Assert.Empty(outage.Leaver.SessionCookies);
        Assert.StartsWith("/login", (await outage.Leaver.GetAsync("/app")).Location, StringComparison.Ordinal);
    }
}
