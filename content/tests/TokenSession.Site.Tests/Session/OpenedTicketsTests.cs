using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using TokenSessionSite.Session;
using TokenSessionSite.Tests.Infrastructure;

namespace TokenSessionSite.Tests.Session;

/// <summary>What tickets were opened to is remembered, and nobody gets more by that than the time it saves.</summary>
public sealed class OpenedTicketsTests : IAsyncDisposable
{
    private readonly TestSite site = new TestSite().With("TokenSession:KeyFolder", Directory.CreateTempSubdirectory("keys-").FullName);
    private readonly CountingFormat format = new();
    private readonly OpenedTickets opened;

    public OpenedTicketsTests() => opened = new(format, site.Services.GetRequiredService<IKeyManager>(), site.Time);

    public ValueTask DisposeAsync()
    {
        opened.Dispose();
        return site.DisposeAsync();
    }

    [Fact]
    public void A_ticket_is_opened_once()
    {
        Assert.NotNull(opened.Unprotect("good"));
        Assert.NotNull(opened.Unprotect("good"));

        Assert.Equal(1, format.Openings);
    }

    [Fact]
    public void Only_the_very_same_value_is_the_same_ticket()
    {
        Assert.NotNull(opened.Unprotect("good one"));
        Assert.NotNull(opened.Unprotect("good ONE"));
        Assert.NotNull(opened.Unprotect("good one "));

        Assert.Equal(3, format.Openings);
    }

    [Fact]
    public void What_does_not_open_is_not_remembered()
    {
        Assert.Null(opened.Unprotect("bad"));
        Assert.Null(opened.Unprotect("bad"));

        Assert.Equal((2, 0), (format.Openings, opened.Count));
    }

    [Fact]
    public void Whoever_changes_a_ticket_changes_nobody_elses()
    {
        var first = opened.Unprotect("good")!;
        first.Properties.Items["changed"] = "by the first";
        ((ClaimsIdentity)first.Principal.Identity!).AddClaim(new Claim("changed", "by the first"));
        var second = opened.Unprotect("good")!;
        second.Properties.Items["changed"] = "by the second";

        foreach (var ticket in new[] { opened.Unprotect("good")! })
        {
            Assert.DoesNotContain("changed", ticket.Properties.Items.Keys);
            Assert.Null(ticket.Principal.FindFirst("changed"));
        }
    }

    [Fact]
    public void Nothing_is_remembered_for_more_than_a_minute_however_often_it_comes()
    {
        for (var seconds = 0; seconds < 60; seconds += 10)
        {
            opened.Unprotect("good");
            site.Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(1, format.Openings);
        opened.Unprotect("good");
        Assert.Equal(2, format.Openings);
    }

    [Fact]
    public async Task A_revoked_key_forgets_everything()
    {
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        opened.Unprotect("good");

        site.Services.GetRequiredService<IKeyManager>().RevokeAllKeys(DateTimeOffset.UtcNow, "stolen");

        // For a moment the framework may still open what it should not; that is not remembered.
        await Wait.UntilAsync(async () => (await browser.GetAndForgetAsync("/app")).StatusCode is HttpStatusCode.Redirect);
        opened.Unprotect("good");
        opened.Unprotect("good");
        Assert.Equal(3, format.Openings);
        site.Time.Advance(OpenedTickets.Longest);
        opened.Unprotect("good");
        opened.Unprotect("good");
        Assert.Equal(4, format.Openings);
    }

    [Fact]
    public void There_is_a_limit_to_how_many_are_remembered()
    {
        for (var ticket = 0; ticket < OpenedTickets.Most + 500; ticket++)
        {
            opened.Unprotect($"good {ticket}");
        }

        Assert.InRange(opened.Count, 1, OpenedTickets.Most);
    }

    [Fact]
    public async Task Every_check_is_made_on_every_request()
    {
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        var (copy, other) = (browser.Copy(), browser.Copy());

        // Ended, with the ticket still remembered.
        await browser.SignOutAsync();
        (await copy.GetAsync("/app")).ShouldLeadTo("/login");

        // Expired: not even a request later.
        var idle = await site.NewSignedInBrowserAsync();
        (await idle.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        site.Time.Advance(TimeSpan.FromSeconds(59));
        (await idle.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, site.RefreshCalls);
        (await other.GetAsync("/app")).ShouldLeadTo("/login");
    }

    /// <summary>Opens what begins with "good", and counts.</summary>
    private sealed class CountingFormat : ISecureDataFormat<AuthenticationTicket>
    {
        public int Openings { get; private set; }

        public AuthenticationTicket? Unprotect(string? protectedText)
        {
            Openings++;
            return protectedText?.StartsWith("good", StringComparison.Ordinal) is true
                ? new(new ClaimsPrincipal(new ClaimsIdentity("test")), "test")
                : null;
        }

        public AuthenticationTicket? Unprotect(string? protectedText, string? purpose) => Unprotect(protectedText);

        public string Protect(AuthenticationTicket data) => "good";

        public string Protect(AuthenticationTicket data, string? purpose) => "good";
    }
}
