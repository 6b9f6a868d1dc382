using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

public sealed class SecretLeakTests
{
    /// <summary>No output may contain twelve or more consecutive characters of a token.</summary>
    private const int Piece = 12;

    private const string Password = "a-password-that-nobody-logs",
        Otp = "a-second-factor-that-nobody-logs";

    [Fact]
    public async Task No_token_or_piece_of_one_reaches_logs_traces_metrics_pages_or_addresses()
    {
        // The log rules in the settings would hide the details that the frameworks log.
        await using var site = new TestSite()
            .With("Backend:ProxyPrefixes:0", DemoBackendHandler.UserPath)
            .With(services =>
                services.PostConfigure<LoggerFilterOptions>(logging =>
                {
                    logging.Rules.Clear();
                    logging.MinLevel = LogLevel.Trace;
                })
            );
        var told = new ConcurrentQueue<string>();
        using var traces = ListenToTraces(told);
        using var metrics = ListenToMetrics(told);
        site.Backend.AddUser("ada@example.com", Password, Otp);
        var secrets = new HashSet<string> { Password, Otp };

        // Runs a complete session with every kind of failure.
        var browser = site.NewBrowser();
        told.Enqueue(await TextAsync(await browser.FillInAsync("/login", ("Email", "ada@example.com"), ("Password", Password))));
        told.Enqueue(await TextAsync(await browser.FillInAsync("/login", ("Email", "ada@example.com"), ("Otp", Otp + "x"))));
        (await browser.FillInAsync("/login", ("Email", "ada@example.com"), ("Otp", Otp))).ShouldRedirectTo("/app");
        Collect();
        told.Enqueue(await TextAsync(await browser.GetAsync("/api/backend" + DemoBackendHandler.UserPath)));
        told.Enqueue(await TextAsync(await browser.FillInAsync("/logout")));
        told.Enqueue(
            await TextAsync(
                await browser.PostAsync(
                    "/api/auth/login",
                    new
                    {
                        email = "ada@example.com",
                        password = Password + "x",
                        otp = Otp,
                    }
                )
            )
        );
        told.Enqueue(await TextAsync(await browser.PostAsync("/api/auth/login", new { email = "ada@example.com", password = Password })));
        (
            await browser.PostAsync(
                "/api/auth/login",
                new
                {
                    email = "ada@example.com",
                    password = Password,
                    otp = Otp,
                }
            )
        ).ShouldBe(HttpStatusCode.OK);
        Collect();
        foreach (var fault in Enum.GetValues<DemoFault>().Where(fault => fault is not DemoFault.DropAfterCommit and not DemoFault.Hang))
        {
            site.ExpireAccessTokens();
            site.Backend.Faults.Break(fault, path: "/auth/refresh");
            told.Enqueue(await TextAsync(await browser.RefreshAsync()));
            told.Enqueue(await TextAsync(await browser.GetAsync("/app")));
            site.Backend.Faults.Clear();
            site.Time.Advance(TimeSpan.FromSeconds(61));
            (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
            Collect();
        }

        site.Backend.InvalidateAccessTokens();
        await browser.GetAsync("/app");
        Collect();
        await browser.SignOutAsync();
        told.Enqueue(await TextAsync(await browser.RefreshAsync()));

        var pieces = secrets.SelectMany(Pieces).ToHashSet(StringComparer.Ordinal);
        Assert.True(pieces.Count > 1_000);
        foreach (var text in told.Concat(site.Log.Entries.Select(entry => $"{entry.Message} {entry.Exception}")))
        {
            Assert.False(
                Enumerable.Range(0, Math.Max(0, text.Length - Piece + 1)).Any(start => pieces.Contains(text.Substring(start, Piece))),
                text
            );
        }

        Assert.Contains(told, text => text.Contains("tokensession.refresh", StringComparison.Ordinal));
        foreach (
            var category in new[]
            {
                "Microsoft.AspNetCore.Routing",
                "System.Net.Http.HttpClient",
                "Polly",
                "Microsoft.AspNetCore.DataProtection",
            }
        )
        {
            Assert.Contains(
                site.Log.Entries,
                entry => entry.Level <= LogLevel.Debug && entry.Category.StartsWith(category, StringComparison.Ordinal)
            );
        }

        void Collect()
        {
            var tokens = site.TicketOf(browser)!.Tokens;
            secrets.Add(tokens.RefreshToken);

            // The header of a JWT is not secret. Its claims and its signature are.
            secrets.UnionWith(tokens.AccessToken.Split('.').Skip(1));
            // Every form contains the start of a protected text, which includes the key id.
            secrets.Add(browser.Ticket![28..]);
        }
    }

    [Fact]
    public async Task Outcomes_and_refresh_times_are_counted()
    {
        await using var site = new TestSite();
        var told = new ConcurrentQueue<string>();
        var browser = await site.NewSignedInBrowserAsync();
        using var metrics = ListenToMetrics(told);
        var late = browser.Copy();

        await browser.GetAsync("/app");
        site.ExpireAccessTokens();
        await browser.GetAsync("/app");
        await late.GetAsync("/app");
        site.ExpireAccessTokens();
        site.Backend.Faults.Break(DemoFault.Unavailable);
        await browser.GetAsync("/app");
        site.Backend.Faults.Clear();
        site.Backend.RevokeEverySession();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        await browser.GetAsync("/app");

        foreach (var outcome in new[] { "fresh", "refreshed", "adopted", "postponed", "rejected" })
        {
            Assert.Contains($"tokensession.outcomes tokensession.outcome={outcome}", told);
        }

        foreach (var result in new[] { "refreshed", "postponed", "rejected" })
        {
            Assert.Contains($"tokensession.refresh.duration tokensession.outcome={result}", told);
        }
    }

    [Fact]
    public async Task Sign_ins_are_logged_and_counted()
    {
        await using var site = new TestSite().With("TokenSession:FailedSignInsPerClient", "1");
        var told = new ConcurrentQueue<string>();
        using var metrics = ListenToMetrics(told);

        await site.NewBrowser().SignInAsync();
        await site.NewBrowser().From("192.0.2.7").SignInAsync(password: Password);
        await site.NewBrowser().From("192.0.2.7").SignInAsync(password: Password);

        foreach (var status in new[] { "InvalidCredentials", "TooManyAttempts" })
        {
            Assert.Contains(site.Log.Entries, entry => entry.Message == $"Sign-in from 192.0.2.7: {status}.");
            Assert.Contains($"tokensession.sign_ins tokensession.sign_in={status.ToLowerInvariant()}", told);
        }
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_page_about_an_exception_shows_no_cookie(bool inDevelopment)
    {
        var site = (inDevelopment ? new TestSite() : TestSite.InProduction()).With(services =>
            services.Configure<RazorPagesOptions>(options =>
                options.Conventions.Restrict("/Index", _ => throw new InvalidOperationException("a bug of the site"))
            )
        );
        await using (site)
        {
            var browser = await site.NewSignedInBrowserAsync();

            var page = await (
                await browser.GetAsync("/", ("Accept", "text/html"), ("Authorization", "Bearer " + Password))
            ).Content.ReadAsStringAsync();

            Assert.Equal(inDevelopment, page.Contains("a bug of the site", StringComparison.Ordinal));
            var secrets = browser
                .Cookies.Where(cookie => cookie.Key != site.Options.SessionCookie && cookie.Key != site.Options.UserCookie)
                .Select(cookie => cookie.Value)
                .Append(Password);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret[..Piece], page, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Pieces(string secret) =>
        Enumerable
            .Range(0, Math.Max(1, secret.Length - Piece + 1))
            .Select(start => secret.Substring(start, Math.Min(Piece, secret.Length)));

    private static async Task<string> TextAsync(HttpResponseMessage answer) =>
        $"{answer.Headers.Location} {await answer.Content.ReadAsStringAsync()}";

    private static ActivityListener ListenToTraces(ConcurrentQueue<string> told)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
                told.Enqueue(
                    new StringBuilder(activity.OperationName)
                        .AppendJoin(' ', activity.TagObjects.Select(tag => $" {tag.Key}={tag.Value}"))
                        .AppendJoin(' ', activity.Events.SelectMany(happened => happened.Tags.Select(tag => $" {tag.Key}={tag.Value}")))
                        .ToString()
                ),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener ListenToMetrics(ConcurrentQueue<string> told)
    {
        var listener = new MeterListener { InstrumentPublished = (instrument, self) => self.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => told.Enqueue(Describe(instrument, tags)));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => told.Enqueue(Describe(instrument, tags)));
        listener.Start();
        return listener;
    }

    private static string Describe(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}";
}
