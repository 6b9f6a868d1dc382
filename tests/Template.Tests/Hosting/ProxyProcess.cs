using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>A real nginx or Caddy with an example of docs/hosting.md. Its addresses and its certificate are those of this test.</summary>
public sealed class ProxyProcess : IAsyncDisposable
{
    public const string Nginx = "/usr/sbin/nginx";
    public const string Caddy = "/usr/bin/caddy";

    private readonly BackgroundProcess process;
    private readonly string folder;

    private ProxyProcess(string executable, string folder, string configuration, int port, int plainPort, params string[] arguments)
    {
        this.folder = folder;
        (Address, PlainAddress) = (new($"https://localhost:{port}"), new($"http://localhost:{plainPort}"));
        var file = Path.Combine(folder, "configuration");
        File.WriteAllText(file, configuration);
        var environment = new Dictionary<string, string?> { ["XDG_DATA_HOME"] = folder, ["XDG_CONFIG_HOME"] = folder };
        process = new(Cli.StartInfo(executable, arguments.Select(argument => argument.Replace("FILE", file)), folder, environment));
    }

    public Uri Address { get; }

    /// <summary>The address without HTTPS.</summary>
    public Uri PlainAddress { get; }

    /// <summary>What nginx logged as errors.</summary>
    public string Errors => File.ReadAllText(Path.Combine(folder, "error.log"));

    public static async Task<ProxyProcess> NginxAsync(string serverBlocks, RunningSite site, string folder)
    {
        var (port, plainPort) = (FreePort.Next(), FreePort.Next());
        var (certificate, key) = LocalCertificate.WritePem(folder);
        var configuration = $$"""
            daemon off;
            pid {{folder}}/nginx.pid;
            events { }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
            {{serverBlocks
                .Replace("listen 443 ssl", $"listen 127.0.0.1:{port} ssl")
                .Replace("listen 80", $"listen 127.0.0.1:{plainPort}")
                .Replace("/etc/ssl/shop.crt", certificate)
                .Replace("/etc/ssl/shop.key", key)
                .Replace("127.0.0.1:8080", site.BaseAddress.Authority)}}
            }
            """;
        string[] arguments = ["-c", "FILE", "-p", folder, "-e", $"{folder}/error.log"];
        return await new ProxyProcess(Nginx, folder, configuration, port, plainPort, arguments).UntilItListensAsync();
    }

    public static async Task<ProxyProcess> CaddyAsync(string caddyfile, RunningSite site, string folder)
    {
        var (port, plainPort) = (FreePort.Next(), FreePort.Next());
        var (certificate, key) = LocalCertificate.WritePem(folder);
        var configuration = $$"""
            {
                admin off
                http_port {{plainPort}}
                https_port {{port}}
            }
            {{caddyfile
                .Replace("shop.example.com {", $"localhost {{\n    tls {certificate} {key}")
                .Replace("127.0.0.1:8080", site.BaseAddress.Authority)}}
            """;
        string[] arguments = ["run", "--config", "FILE", "--adapter", "caddyfile"];
        return await new ProxyProcess(Caddy, folder, configuration, port, plainPort, arguments).UntilItListensAsync();
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private async Task<ProxyProcess> UntilItListensAsync()
    {
        try
        {
            await Eventually.TrueAsync(AnswersAsync, "the proxy answers");
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<bool> AnswersAsync()
    {
        Assert.False(process.Exited.IsCompleted, $"The proxy ended before it listened:\n{process.Output}");
        try
        {
            await new SiteClient(Address, "").GetAsync("/");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
