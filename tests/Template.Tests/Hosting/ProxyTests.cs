using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>The sections "nginx", "Caddy" and "Below a path" of docs/hosting.md.</summary>
[Collection(typeof(HostedSiteCollection))]
public sealed partial class ProxyTests(HostedSite site, TemplatePackage package)
{
    private static readonly string NginxExample = Assert.Single(HostingPage.Examples("nginx", "nginx"));
    private static readonly string CaddyExample = Assert.Single(HostingPage.Examples("Caddy", "caddy"));

    public static TheoryData<string, string> Examples { get; } =
        new()
        {
            { "nginx", "" },
            { "nginx", "keeps the path" },
            { "nginx", "removes the path" },
            { "Caddy", "" },
            { "Caddy", "keeps the path" },
            { "Caddy", "removes the path" },
        };

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Users_sign_in_through_it_with_cookies_of_12_kB(string server, string path)
    {
        await using var proxy = await StartAsync(server, path);
        var browser = new SiteClient(proxy.Address, HostedSite.CookiePrefix);
        var email = await site.CreateUserWithLargeTokenAsync();
        var root = path is "" ? "" : "/shop";

        var answer = await browser.SubmitAsync($"{root}/login", ("Email", email), ("Password", BackendProcess.Password));

        Assert.True(answer is { IsRedirect: true } && answer.Location == $"{root}/app", $"{answer}\n{site.BehindProxy.Output}");
        Assert.InRange(answer.SetCookies.Sum(cookie => cookie.Split(';')[0].Length), 12_000, 13_500);
        var page = await browser.GetAsync($"{root}/app");
        Assert.Contains(email, page.Body, StringComparison.Ordinal);
        var styles = Stylesheet().Match(page.Body).Groups[1].Value;
        Assert.StartsWith($"{root}/css/", styles, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(styles)).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.FetchAsync($"{root}/api/auth/refresh")).Status);
        Assert.Equal($"{root}/", (await browser.SubmitAsync($"{root}/logout")).Location);
        Assert.StartsWith($"{root}/login", (await browser.GetAsync($"{root}/app")).Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nginx", HttpStatusCode.MovedPermanently)]
    [InlineData("Caddy", HttpStatusCode.PermanentRedirect)]
    public async Task It_redirects_plain_HTTP(string server, HttpStatusCode status)
    {
        await using var proxy = await StartAsync(server);

        var answer = await new SiteClient(proxy.PlainAddress, "").GetAsync("/login");

        Assert.Equal(status, answer.Status);
        Assert.Matches("^https://localhost(:[0-9]+)?/login$", answer.Location);
    }

    /// <summary>One failed sign-in is allowed for each client of an account.</summary>
    [Theory]
    [InlineData("nginx"), InlineData("Caddy")]
    public async Task The_site_knows_the_address_of_each_client(string server)
    {
        await using var proxy = await StartAsync(server);
        var email = await site.CreateUserWithLargeTokenAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await SignInFromAsync("127.0.0.2", proxy, email, "not the password"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInFromAsync("127.0.0.2", proxy, email, BackendProcess.Password));
        Assert.Equal(HttpStatusCode.OK, await SignInFromAsync("127.0.0.3", proxy, email, BackendProcess.Password));
    }

    [Fact]
    public async Task Without_the_lines_for_the_response_nginx_answers_a_sign_in_with_502()
    {
        await using var proxy = await StartAsync("nginx", without: "proxy_buffer");
        var email = await site.CreateUserWithLargeTokenAsync();

        var answer = await new SiteClient(proxy.Address, HostedSite.CookiePrefix).SubmitAsync(
            "/login",
            ("Email", email),
            ("Password", BackendProcess.Password)
        );

        Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
        Assert.Contains("upstream sent too big header", proxy.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_line_for_the_request_nginx_answers_a_page_with_400()
    {
        await using var proxy = await StartAsync("nginx", without: "large_client_header_buffers");
        var browser = new SiteClient(proxy.Address, HostedSite.CookiePrefix);
        var email = await site.CreateUserWithLargeTokenAsync();
        var answer = await browser.SubmitAsync("/login", ("Email", email), ("Password", BackendProcess.Password));
        Assert.Equal("/app", answer.Location);

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync("/app")).Status);
    }

    /// <summary>The site has no endpoint for the upload and answers 404 or 405.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData("client_max_body_size", true)]
    public async Task An_upload_of_2_MB_passes_nginx_with_its_line_only(string without, bool isRefused)
    {
        await using var proxy = await StartAsync("nginx", without: without);

        var answer = await new SiteClient(proxy.Address, "").FetchAsync("/api/uploads", new string('u', 2_000_000));

        var isExpected = isRefused
            ? answer.Status is HttpStatusCode.RequestEntityTooLarge
            : answer.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed;
        Assert.True(isExpected, $"{answer}");
    }

    [Fact]
    public async Task Publishing_completes_the_web_config_of_IIS()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The site of these tests is built on Linux.");

        var webConfig = await File.ReadAllTextAsync(Path.Combine(site.Image.AppFolder, "web.config"));

        Assert.Contains("modules=\"AspNetCoreModuleV2\"", webConfig, StringComparison.Ordinal);
        Assert.Contains("processPath=\"dotnet\" arguments=\".\\日本.サイト.dll\"", webConfig, StringComparison.Ordinal);
        Assert.Contains("hostingModel=\"inprocess\"", webConfig, StringComparison.Ordinal);
        Assert.Contains("name=\"TokenSession__DataProtectionKeyDirectory\"", webConfig, StringComparison.Ordinal);
    }

    private async Task<ProxyProcess> StartAsync(string server, string path = "", string without = "")
    {
        var executable = server is "nginx" ? ProxyProcess.Nginx : ProxyProcess.Caddy;
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(executable), $"There is no {executable} here.");
        var example = Example(server, path);
        if (without.Length > 0)
            example = string.Join('\n', example.Split('\n').Where(line => !line.Contains(without, StringComparison.Ordinal)));
        return server is "nginx"
            ? await ProxyProcess.NginxAsync(example, site.BehindProxy, package.NewFolder())
            : await ProxyProcess.CaddyAsync(example, site.BehindProxy, package.NewFolder());
    }

    private static string Example(string server, string path)
    {
        var example = server is "nginx" ? NginxExample : CaddyExample;
        if (path is "")
            return example;

        var belowAPath = HostingPage.Examples("Below a path", server.ToLowerInvariant()) is [var keeps, var removes]
            ? path is "keeps the path"
                ? keeps
                : removes
            : throw new InvalidOperationException($"docs/hosting.md must have two examples of {server} below a path.");
        return server is "nginx" ? RootLocation().Replace(example, belowAPath, 1) : belowAPath;
    }

    private static async Task<HttpStatusCode> SignInFromAsync(string address, ProxyProcess proxy, string email, string password)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = LocalCertificate.Trust,
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        using var answer = await client.PostAsJsonAsync(new Uri(proxy.Address, "/api/auth/login"), new { email, password });
        return answer.StatusCode;
    }

    [GeneratedRegex("<link rel=\"stylesheet\" href=\"([^\"]+)\"")]
    private static partial Regex Stylesheet();

    [GeneratedRegex(@"^ *location / \{[^}]*\}\n", RegexOptions.Multiline)]
    private static partial Regex RootLocation();
}
