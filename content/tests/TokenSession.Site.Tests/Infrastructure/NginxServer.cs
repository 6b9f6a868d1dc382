using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Tests.Infrastructure;

/// <summary>A real nginx in front of a site, for one test, on a free port of this machine, with the default buffers.</summary>
public sealed class NginxServer : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/nginx";

    private readonly TemporaryFolder folder = new();
    private readonly Process process;

    private NginxServer(Uri site)
    {
        Address = new($"http://127.0.0.1:{FreePort.Next()}");
        var settings = folder.PathOf("nginx.conf");
        File.WriteAllText(
            settings,
            $$"""
            daemon off;
            pid {{folder.Path}}/nginx.pid;
            error_log {{folder.Path}}/error.log;
            events { }
            http {
                access_log off;
                client_body_temp_path {{folder.Path}}/body;
                proxy_temp_path {{folder.Path}}/proxy;
                server {
                    listen 127.0.0.1:{{Address.Port}};
                    location / { proxy_pass http://127.0.0.1:{{site.Port}}; }
                }
            }
            """
        );
        process = Process.Start(new ProcessStartInfo(Executable, ["-c", settings, "-p", folder.Path, "-e", folder.PathOf("error.log")]))!;
    }

    /// <summary>Whether this machine has nginx.</summary>
    public static bool IsThere => File.Exists(Executable);

    public Uri Address { get; }

    /// <summary>The errors in its log.</summary>
    public string Errors => File.ReadAllText(folder.PathOf("error.log"));

    public static async Task<NginxServer> StartAsync(Uri site)
    {
        var nginx = new NginxServer(site);
        using var client = new HttpClient();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(nginx.Address, "/health/live"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Dispose();
    }
}

/// <summary>A test that runs only if the machine has nginx.</summary>
public sealed class NginxTheoryAttribute : TheoryAttribute
{
    public NginxTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        (SkipType, SkipUnless) = (typeof(NginxServer), nameof(NginxServer.IsThere));
        Skip = "There is no /usr/sbin/nginx here.";
    }
}
