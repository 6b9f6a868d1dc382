using System.Net;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The log contains each failure with its exception, and the site does not treat a fault of the adapter as an outage.</summary>
public sealed class FailureLogTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task An_adapter_that_throws_is_an_error_that_names_the_adapter(bool atSignIn)
    {
        var backend = new ThrowingBackend();
        await using var site = new TestSite().With(backend.Wrap);
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        backend.Throws = true;
        (atSignIn ? await browser.SignInAsync() : await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        var error = Assert.Single(site.Log.Entries, entry => entry.Level >= LogLevel.Error);
        Assert.Contains("IAuthBackend", error.Message, StringComparison.Ordinal);
        Assert.Equal("a bug in the adapter", Assert.IsType<InvalidOperationException>(error.Exception).Message);
        Assert.Contains(nameof(ThrowingBackend), error.Exception.StackTrace, StringComparison.Ordinal);
        Assert.DoesNotContain(site.Log.Entries, entry => entry.Message.Contains("is unavailable", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_adapter_that_cannot_be_created_is_an_error_that_names_the_adapter()
    {
        var backend = new ThrowingBackend { CannotBeMade = true };
        await using var site = new TestSite().With(backend.Wrap);

        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);

        var error = Assert.Single(site.Log.Entries, entry => entry.Level >= LogLevel.Error);
        Assert.Contains("IAuthBackend", error.Message, StringComparison.Ordinal);
        Assert.Equal("a service is missing", error.Exception?.Message);
    }

    [Fact]
    public async Task An_adapter_that_throws_at_the_sign_out_is_logged_with_the_exception()
    {
        var backend = new ThrowingBackend();
        await using var site = new TestSite().With(backend.Wrap);
        var browser = await site.NewSignedInBrowserAsync();
        backend.Throws = true;

        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        var warning = Assert.Single(site.Log.Entries, entry => entry.Level >= LogLevel.Warning && entry.Exception is not null);
        Assert.Contains("was not revoked", warning.Message, StringComparison.Ordinal);
        Assert.Equal("a bug in the adapter", warning.Exception!.Message);
    }

    [Theory]
    [
        InlineData(DemoFault.Refused, "no connection"),
        InlineData(DemoFault.Reset, "the connection failed"),
        InlineData(DemoFault.DropAfterCommit, "the connection failed"),
        InlineData(DemoFault.Hang, "no answer within the time limit")
    ]
    public async Task A_network_failure_is_a_warning_with_its_exception(DemoFault fault, string reason)
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(fault);
        foreach (var send in new Func<Task<HttpResponseMessage>>[] { () => browser.GetAsync("/app"), () => browser.SignInAsync() })
        {
            site.Log.Entries.Clear();
            var answer = send();
            await site.AdvanceUntilAsync(answer, atMost: TimeSpan.FromSeconds(11));
            (await answer).ShouldBe(HttpStatusCode.ServiceUnavailable);

            var warning = Assert.Single(site.Log.Entries, entry => entry.Message.Contains("is unavailable", StringComparison.Ordinal));
            Assert.Equal(LogLevel.Warning, warning.Level);
            Assert.Contains(reason, warning.Message, StringComparison.Ordinal);
            Assert.NotNull(warning.Exception);
            Assert.DoesNotContain(site.Log.Entries, entry => entry.Level >= LogLevel.Error);
        }
    }

    [Fact]
    public async Task A_revocation_that_the_network_fails_is_logged_with_the_exception()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Faults.Break(DemoFault.Reset);

        await browser.SignOutAsync();

        var warning = Assert.Single(site.Log.Entries, entry => entry.Message.Contains("was not revoked", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.IsType<System.Net.Sockets.SocketException>(warning.Exception?.GetBaseException());
    }

    [Fact]
    public async Task A_store_that_throws_at_the_end_of_a_session_is_logged_with_the_exception()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Families.Throws = true;

        await browser.SignOutAsync();

        Assert.Contains(
            site.Log.Entries,
            entry =>
                entry is { Level: LogLevel.Error, Exception: InvalidDataException }
                && entry.Message.Contains("end of a session could not be stored", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_store_that_throws_during_a_refresh_is_logged_with_the_exception()
    {
        await using var site = new TestSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;
        var page = browser.GetAsync("/app");
        await Wait.UntilAsync(() => site.RefreshCalls is 1);
        site.Families.Throws = true;
        gate.SetResult();

        (await page).ShouldBe(HttpStatusCode.ServiceUnavailable);

        Assert.Contains(
            site.Log.Entries,
            entry =>
                entry is { Level: LogLevel.Error, Exception: InvalidDataException }
                && entry.Message.Contains("refresh failed", StringComparison.Ordinal)
        );
    }
}
