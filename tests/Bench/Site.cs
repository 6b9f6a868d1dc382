using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Bench;

/// <summary>A published site, running in Production on a free port of this machine.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string?> said = new();

    private Site(Process process, Uri address)
    {
        this.process = process;
        Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromMinutes(1),
        };
    }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    /// <summary>The CPU time that the process of this site has used so far, on all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a site and waits for its first page.</summary>
    public static async Task<Site> StartAsync(string dll, string? folder = null, params (string Name, string Value)[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = Shell.Start("dotnet", folder ?? Path.GetDirectoryName(dll)!, dll);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var process = Process.Start(start)!;
        var site = new Site(process, address);
        process.OutputDataReceived += (_, line) => site.said.Enqueue(line.Data);
        process.ErrorDataReceived += (_, line) => site.said.Enqueue(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await site.UntilItAnswersAsync();
        return site;
    }

    public static Task<Site> StartGeneratedAsync(
        string dll,
        TokenBackend backend,
        bool serverGc = false,
        params (string Name, string Value)[] settings
    ) =>
        StartAsync(
            dll,
            null,
            [
                ("Backend__Url", backend.Address.ToString()),
                ("TokenSession__DataProtectionKeyDirectory", "keys"),
                GcMode(serverGc),
                .. settings,
            ]
        );

    public static Task<Site> StartReferenceAsync(string dll, string kind, bool serverGc = false, string backend = "") =>
        StartAsync(
            dll,
            null,
            ("Kind", kind),
            ("Backend", backend),
            ("Keys", Path.Combine(Path.GetDirectoryName(dll)!, "keys")),
            GcMode(serverGc)
        );

    /// <summary>Signs in at a generated site. Returns the value of the Cookie header for later requests.</summary>
    public async Task<string> SignInAsync(string email = "demo@example.com")
    {
        using var answer = await Http.PostAsJsonAsync("/api/auth/login", new { email, password = "demo" });
        return Cookies(answer);
    }

    /// <summary>Signs in at a reference site. Returns the value of the Cookie header for later requests.</summary>
    public async Task<string> SignInAtReferenceAsync(TokenBackend backend)
    {
        var (accessToken, refreshToken, expiresAt) = backend.SignIn();
        using var answer = await Http.PostAsync(
            $"/sign-in?name=demo@example.com&accessToken={accessToken}&refreshToken={refreshToken}&expiresAt={expiresAt.UtcDateTime:O}",
            null
        );
        return Cookies(answer);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string cookies)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookies is not "")
            request.Headers.Add("Cookie", cookies);
        return Http.SendAsync(request);
    }

    /// <summary>Everything that the site has logged.</summary>
    public string Said => string.Join('\n', said);

    /// <summary>Bytes allocated since the start, and threads of the pool.</summary>
    public async Task<(long Allocated, int Threads)> VitalsAsync()
    {
        var numbers = (await Http.GetStringAsync("/vitals")).Trim().Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task UntilItAnswersAsync()
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The site at {Address} ended before it answered:\n{Said}");
            try
            {
                using var answer = await Http.GetAsync("/");
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException notYet) when (notYet.InnerException is SocketException)
            {
                await Task.Delay(5);
            }
        }
        throw new TimeoutException($"The site at {Address} did not answer within a minute.");
    }

    private static (string, string) GcMode(bool server) => ("DOTNET_gcServer", server ? "1" : "0");

    /// <summary>Returns the value of the Cookie header after this answer.</summary>
    public static string Cookies(HttpResponseMessage answer) =>
        string.Join("; ", answer.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
}
