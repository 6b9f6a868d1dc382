using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The cache of decrypted tickets: what it may keep, for how long, and that it skips only the decryption.</summary>
public sealed class CachingTicketDataFormatTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestSite site = new();
    private readonly CountingFormat format = new();
    private readonly CachingTicketDataFormat tickets;

    public CachingTicketDataFormatTests()
    {
        site.With("TokenSession:DataProtectionKeyDirectory", folder.Path);
        tickets = new(format, Keys, site.Time);
    }

    private IKeyManager Keys => site.Services.GetRequiredService<IKeyManager>();

    public async ValueTask DisposeAsync()
    {
        tickets.Dispose();
        await site.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public void A_ticket_that_is_sent_again_is_not_decrypted_again()
    {
        Assert.NotNull(tickets.Unprotect("good"));
        Assert.NotNull(tickets.Unprotect("good"));

        Assert.Equal(1, format.Opened);
        Assert.Equal(1, tickets.Count);
    }

    [Fact]
    public void Invalid_values_are_not_cached()
    {
        for (var guess = 0; guess < 1_000; guess++)
        {
            Assert.Null(tickets.Unprotect($"bad {guess}"));
        }

        Assert.Null(tickets.Unprotect(null));
        Assert.Equal(0, tickets.Count);
    }

    [Fact]
    public void Only_the_identical_value_matches()
    {
        var values = Enumerable.Range(0, 1_000).Select(number => $"good {number}").ToList();

        Assert.All(values.Concat(values), value => Assert.Equal(value, tickets.Unprotect(value)!.Properties.Items["value"]));
        Assert.Equal(SHA256.HashSizeInBytes, System.Runtime.CompilerServices.Unsafe.SizeOf<(UInt128, UInt128)>());
        Assert.Null(tickets.Unprotect("bad" + values[0]));
    }

    [Fact]
    public void A_ticket_that_is_sent_again_is_not_read_again()
    {
        Assert.NotNull(SessionTicket.Read(tickets.Unprotect("good")!.Properties));

        Assert.Same(SessionTicket.Read(tickets.Unprotect("good")!.Properties), SessionTicket.Read(tickets.Unprotect("good")!.Properties));
    }

    [Fact]
    public void A_ticket_that_is_written_again_is_read_again()
    {
        var now = DateTimeOffset.UnixEpoch;
        var first = SessionTicket.Start(new("first", now, now.AddHours(1), "refresh"), now, isPersistent: false);
        var properties = new AuthenticationProperties();

        foreach (var ticket in new[] { first, first with { Generation = 1, Tokens = first.Tokens with { AccessToken = "second" } } })
        {
            ticket.WriteTo(properties);

            Assert.Equal(ticket, SessionTicket.Read(properties));
        }
    }

    [Fact]
    public void A_change_of_a_ticket_does_not_change_the_cached_ticket()
    {
        // The first value is the stored one. The second value comes from the cache.
        for (var turn = 0; turn < 2; turn++)
        {
            var changed = tickets.Unprotect("good")!;
            changed.Properties.Items["value"] = "changed";
            changed.Properties.ExpiresUtc = DateTimeOffset.MaxValue;
            ((ClaimsIdentity)changed.Principal.Identity!).AddClaim(new("role", "administrator"));
        }

        var ticket = tickets.Unprotect("good")!;
        Assert.Equal("good", ticket.Properties.Items["value"]);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(1), ticket.Properties.ExpiresUtc);
        Assert.Empty(ticket.Principal.Claims);
        Assert.Equal(1, format.Opened);
    }

    [Fact]
    public void After_a_minute_a_ticket_is_decrypted_again_even_if_it_is_used_often()
    {
        for (var second = 0; second < 60; second++)
        {
            tickets.Unprotect("good");
            site.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, format.Opened);
        tickets.Unprotect("good");
        Assert.Equal(2, format.Opened);
    }

    [Fact]
    public async Task A_revoked_key_clears_the_cache()
    {
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync("/app")).EnsureSuccessStatusCode();
        tickets.Unprotect("good");

        Keys.RevokeAllKeys(DateTimeOffset.UtcNow, "a test");

        // For a moment, the framework may still decrypt tickets of the revoked key, so the cache stores nothing for one minute.
        await Wait.UntilAsync(async () => (await browser.GetAndForgetAsync("/app")).StatusCode is HttpStatusCode.Redirect);
        tickets.Unprotect("good");
        tickets.Unprotect("good");
        Assert.Equal(3, format.Opened);
        site.Time.Advance(CachingTicketDataFormat.CacheDuration);
        tickets.Unprotect("good");
        tickets.Unprotect("good");
        Assert.Equal(4, format.Opened);
    }

    [Fact]
    public void A_ticket_that_is_decrypted_while_its_key_is_revoked_is_not_cached()
    {
        format.WhileOpening = () => Keys.RevokeAllKeys(site.Time.GetUtcNow(), "a test");
        tickets.Unprotect("good");

        (format.WhileOpening, format.OpensNothing) = (() => { }, true);
        Assert.Null(tickets.Unprotect("good"));
    }

    [Fact]
    public void The_cache_is_limited_by_bytes_and_not_by_number()
    {
        // 1 MB each, so a few dozen entries reach the limit.
        var padding = new string('x', 500_000);
        for (var number = 0; number < 200; number++)
        {
            Assert.NotNull(tickets.Unprotect($"good {number}{padding}"));
            Assert.True(tickets.Count * 1_000_000L <= CachingTicketDataFormat.MaxBytes);
        }

        Assert.True(tickets.Count > 20);
    }

    [Fact]
    public async Task A_cached_ticket_is_still_refused_when_its_session_is_idle()
    {
        await using var idle = new TestSite().With("TokenSession:IdleTimeout", "00:00:30");
        var browser = await idle.NewSignedInBrowserAsync();
        (await browser.GetAsync("/app")).EnsureSuccessStatusCode();

        idle.Time.Advance(TimeSpan.FromSeconds(31));

        (await browser.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public async Task A_cached_ticket_is_still_refused_when_its_session_was_ended()
    {
        var browser = await site.NewSignedInBrowserAsync();
        (await browser.GetAsync("/app")).EnsureSuccessStatusCode();
        var copy = site.NewBrowser().With(browser.Cookies);
        (await copy.GetAsync("/app")).EnsureSuccessStatusCode();

        await browser.SignOutAsync();

        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
    }

    [Fact]
    public void The_site_caches_tickets()
    {
        var cookie = site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(TokenSessionOptions.Scheme);

        Assert.IsType<CachingTicketDataFormat>(cookie.TicketDataFormat);
    }

    /// <summary>Decrypts valid tickets and counts the calls.</summary>
    private sealed class CountingFormat : ISecureDataFormat<AuthenticationTicket>
    {
        public int Opened { get; private set; }

        public bool OpensNothing { get; set; }

        public Action WhileOpening { get; set; } = () => { };

        public AuthenticationTicket? Unprotect(string? protectedText)
        {
            Opened++;
            WhileOpening();
            if (OpensNothing || protectedText?.StartsWith("good", StringComparison.Ordinal) is not true)
            {
                return null;
            }

            var now = DateTimeOffset.UnixEpoch;
            var properties = new AuthenticationProperties { Items = { ["value"] = protectedText }, ExpiresUtc = now.AddDays(1) };
            SessionTicket.Start(new("access", now, now.AddHours(1), "refresh"), now, isPersistent: false).WriteTo(properties);
            return new(new(new ClaimsIdentity()), properties, TokenSessionOptions.Scheme);
        }

        public AuthenticationTicket? Unprotect(string? protectedText, string? purpose) => Unprotect(protectedText);

        public string Protect(AuthenticationTicket data) => "good";

        public string Protect(AuthenticationTicket data, string? purpose) => "good";
    }
}
