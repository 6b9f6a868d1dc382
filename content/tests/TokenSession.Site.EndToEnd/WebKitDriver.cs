using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace EndToEnd;

/// <summary>The WebKit of Linux distributions (WebKitGTK), through WebDriver, because Playwright supports only its own build. On Debian:
/// <c>apt-get install webkit2gtk-driver xvfb</c>.</summary>
public sealed class WebKitDriver : IAsyncDisposable
{
    private readonly Process process;
    private readonly HttpClient client;
    private string session = "";

    private WebKitDriver(int port)
    {
        process = Process.Start(
            new ProcessStartInfo("xvfb-run", ["-a", "WebKitWebDriver", $"--port={port}"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        client = new() { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Whether this machine has WebKitGTK's driver and a virtual display.</summary>
    public static bool IsThere => new[] { "WebKitWebDriver", "xvfb-run" }.All(tool => File.Exists("/usr/bin/" + tool));

    public static async Task<WebKitDriver> StartAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();

        var driver = new WebKitDriver(port);
        await Visit.UntilAsync(() => driver.IsReadyAsync(), "the driver of WebKit answers");
        var answer = await driver.SendAsync(HttpMethod.Post, "/session", new { capabilities = new { } });
        driver.session = $"/session/{answer.GetProperty("sessionId").GetString()}";
        return driver;
    }

    public Task GoAsync(Uri address) => SendAsync(HttpMethod.Post, $"{session}/url", new { url = address });

    public Task BackAsync() => SendAsync(HttpMethod.Post, $"{session}/back", new { });

    /// <summary>Returns the result of a script in the page as text; empty while one page replaces another.</summary>
    public async Task<string> RunAsync(string script)
    {
        var answer = await SendAsync(
            HttpMethod.Post,
            $"{session}/execute/sync",
            new { script = $"return {script}", args = Array.Empty<object>() }
        );
        return answer.ValueKind is JsonValueKind.String ? answer.GetString()! : "";
    }

    public async Task TypeAsync(string selector, string text) =>
        await SendAsync(HttpMethod.Post, $"{session}/element/{await FindAsync(selector)}/value", new { text });

    public async Task ClickAsync(string selector) =>
        await SendAsync(HttpMethod.Post, $"{session}/element/{await FindAsync(selector)}/click", new { });

    public async ValueTask DisposeAsync()
    {
        await SendAsync(HttpMethod.Delete, session);
        client.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await client.GetAsync("/status")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<string> FindAsync(string selector)
    {
        var element = await SendAsync(HttpMethod.Post, $"{session}/element", new { @using = "css selector", value = selector });
        return element.EnumerateObject().Single().Value.GetString()!;
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await client.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("value").Clone();
    }
}

/// <summary>A test that runs where the system has WebKit.</summary>
public sealed class WebKitFactAttribute : FactAttribute
{
    public WebKitFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        (SkipType, SkipUnless) = (typeof(WebKitDriver), nameof(WebKitDriver.IsThere));
        Skip = "There is no WebKit here: install webkit2gtk-driver and xvfb.";
    }
}
