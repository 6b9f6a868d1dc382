using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>A real nginx or Caddy with an example of docs/hosting.md. Its addresses and its certificate are those of this test.</summary>
public sealed class ProxyProcess : IAsyncDisposable
{
    public const string Nginx = "/usr/sbin/nginx";
    public const string Caddy = "/usr/bin/caddy";

    private const string CertificateName = "CN=localhost";

    private readonly Process process;
    private readonly string folder;

    private ProxyProcess(string executable, string folder, string configuration, int port, int plainPort, params string[] arguments)
    {
        this.folder = folder;
        (Address, PlainAddress) = (new($"https://localhost:{port}"), new($"http://localhost:{plainPort}"));
        var file = Path.Combine(folder, "configuration");
        File.WriteAllText(file, configuration);
        var environment = new Dictionary<string, string?> { ["XDG_DATA_HOME"] = folder, ["XDG_CONFIG_HOME"] = folder };
        process = Process.Start(
            Cli.StartInfo(executable, arguments.Select(argument => argument.Replace("FILE", file)), folder, environment)
        )!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Accepts the certificates of these proxies.</summary>
    public static SslClientAuthenticationOptions Trust { get; } =
        new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject is CertificateName };

    public Uri Address { get; }

    /// <summary>The address without HTTPS.</summary>
    public Uri PlainAddress { get; }

    /// <summary>What nginx logged as errors.</summary>
    public string Errors => File.ReadAllText(Path.Combine(folder, "error.log"));

    public static async Task<ProxyProcess> NginxAsync(string serverBlocks, RunningSite site, string folder)
    {
        var (port, plainPort) = (FreePort.Find(), FreePort.Find());
        var (certificate, key) = await WriteCertificateAsync(folder);
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
        var (port, plainPort) = (FreePort.Find(), FreePort.Find());
        var (certificate, key) = await WriteCertificateAsync(folder);
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

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<ProxyProcess> UntilItListensAsync()
    {
        var client = new SiteClient(Address, "");
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await client.GetAsync("/") is not null;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the proxy listens"
        );
        return this;
    }

    private static async Task<(string Certificate, string Key)> WriteCertificateAsync(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(CertificateName, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var files = (Path.Combine(folder, "shop.crt"), Path.Combine(folder, "shop.key"));
        await File.WriteAllTextAsync(files.Item1, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
