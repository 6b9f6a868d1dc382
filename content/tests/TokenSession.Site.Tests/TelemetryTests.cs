using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests;

/// <summary>What an OpenTelemetry collector receives. A site without the address of a collector does not register OpenTelemetry.</summary>
public sealed partial class TelemetryTests
{
    /// <summary>No output may contain twelve or more consecutive characters of a secret.</summary>
    private const int Piece = 12;

    private const string Link = "/app?token=a-secret-in-a-link";

    [Fact]
    public async Task A_collector_receives_the_traces_metrics_and_logs_of_a_session_and_no_token()
    {
        await using var backend = new DemoBackendServer();
        await using var collector = new OtlpCollector();
        using var keys = new TemporaryFolder();
        await using var site = new SiteProcess(
            ("Backend:Url", await backend.StartAsync()),
            ("TokenSession:DataProtectionKeyDirectory", keys.Path),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", await collector.StartAsync()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
            ("OTEL_SERVICE_NAME", "service-of-this-test")
        );
        var browser = await site.NewBrowserAsync();
        (await browser.SignInAsync()).ShouldBe(HttpStatusCode.OK);
        backend.Backend.InvalidateAccessTokens();
        (await browser.GetAsync(Link)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, backend.Backend.Refreshes);
        (await browser.GetAsync("/health/live")).ShouldBe(HttpStatusCode.OK);
        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        await ReceivedAsync(
            () => collector.Traces,
            "tokensession.refresh",
            "tokensession.outcome",
            "refreshed",
            // The calls of the backend, and the requests of the browser.
            "System.Net.Http",
            DemoAuthBackend.RefreshPath,
            "http.response.status_code",
            "?token=Redacted",
            "POST /api/auth/logout"
        );
        await ReceivedAsync(
            () => collector.Metrics,
            "tokensession.sign_ins",
            "tokensession.outcomes",
            "tokensession.refresh.active",
            "tokensession.refresh.duration",
            "http.server.request.duration",
            "http.client.request.duration",
            "dotnet.gc.collections",
            "/api/auth/logout"
        );
        await ReceivedAsync(() => collector.Logs, "Sign-in from 127.0.0.1: Succeeded.");

        string[] received = [collector.Traces, collector.Metrics, collector.Logs];
        Assert.All(received, text => Assert.Contains("service-of-this-test", text, StringComparison.Ordinal));
        double[] seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
        Assert.True(collector.Metrics.Contains(Boundaries(seconds), StringComparison.Ordinal), "The histogram has other boundaries.");
        Assert.DoesNotContain("/health/live", collector.Traces, StringComparison.Ordinal);
        string[] secrets = [.. backend.Answers.Append(Link).SelectMany(text => Secret().Matches(text)).Select(match => match.Value)];
        Assert.InRange(secrets.Length, 8, 20);
        Assert.All(
            secrets.SelectMany(Pieces),
            piece => Assert.All(received, text => Assert.DoesNotContain(piece, text, StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("http://127.0.0.1:1", true)]
    public async Task Without_the_address_of_a_collector_OpenTelemetry_is_not_registered(string address, bool isRegistered)
    {
        var services = new List<ServiceDescriptor>();
        await using var site = new TestSite().With("OTEL_EXPORTER_OTLP_ENDPOINT", address).With(services.AddRange);

        site.StartServer();

        Assert.Equal(isRegistered, services.Exists(IsOfOpenTelemetry));
    }

    [Fact]
    public async Task An_address_without_a_scheme_stops_the_start_and_is_named()
    {
        await using var site = new TestSite().With("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317");

        var failure = Assert.Throws<InvalidOperationException>(site.StartServer);

        Assert.Equal(
            "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'. Set an http or https address, such as http://collector:4317.",
            failure.Message
        );
    }

    private static bool IsOfOpenTelemetry(ServiceDescriptor service) =>
        service.ServiceType.FullName!.Contains("OpenTelemetry", StringComparison.Ordinal)
        || (!service.IsKeyedService && service.ImplementationType?.FullName?.Contains("OpenTelemetry", StringComparison.Ordinal) is true);

    private static async Task ReceivedAsync(Func<string> received, params string[] words)
    {
        foreach (var word in words)
        {
            try
            {
                await Wait.UntilAsync(() => received().Contains(word, StringComparison.Ordinal));
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The collector did not receive \"{word}\".");
            }
        }
    }

    /// <summary>The boundaries of a histogram, as they are in a message: numbers of eight bytes, one after the other.</summary>
    private static string Boundaries(double[] seconds) => Encoding.Latin1.GetString([.. seconds.SelectMany(BitConverter.GetBytes)]);

    private static IEnumerable<string> Pieces(string secret) =>
        Enumerable.Range(0, secret.Length - Piece + 1).Select(start => secret.Substring(start, Piece));

    // Refresh tokens, and the parts of access tokens.
    [GeneratedRegex(@"[\w-]{18,}")]
    private static partial Regex Secret();
}
