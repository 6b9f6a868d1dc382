using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>
/// A container registry on this machine with one image, in place of mcr.microsoft.com/dotnet/aspnet. The image has its user, its home
/// directory and its settings, but no runtime: <see cref="Container"/> takes that from this machine.
/// </summary>
public sealed class BaseImageRegistry : IDisposable
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly HttpListener listener = new();
    private readonly Dictionary<string, byte[]> blobs = [];
    private readonly byte[] manifest;

    public BaseImageRegistry()
    {
        var port = FreePort.Next();
        Image = $"localhost:{port}/dotnet/aspnet:10.0";
        var layer = Layer();
        var config = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                architecture = "amd64",
                os = "linux",
                // As in runtime-deps/10.0/noble/amd64/Dockerfile of dotnet/dotnet-docker.
                config = new
                {
                    Env = new[]
                    {
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "APP_UID=1654",
                        "ASPNETCORE_HTTP_PORTS=8080",
                        "DOTNET_RUNNING_IN_CONTAINER=true",
                    },
                },
                rootfs = new { type = "layers", diff_ids = new[] { Digest(layer) } },
            }
        );
        manifest = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                schemaVersion = 2,
                mediaType = ManifestType,
                config = Add(config, "application/vnd.docker.container.image.v1+json"),
                layers = new[] { Add(Compress(layer), "application/vnd.docker.image.rootfs.diff.tar.gzip") },
            }
        );
        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>The name of the image, with the address of this registry.</summary>
    public string Image { get; }

    public void Dispose() => listener.Close();

    private async Task AnswerAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var path = context.Request.Url!.AbsolutePath;
            var content = path.Contains("/manifests/") ? manifest : blobs.GetValueOrDefault(path.Split('/')[^1]);
            context.Response.StatusCode = content is null ? 404 : 200;
            context.Response.ContentType = path.Contains("/manifests/") ? ManifestType : "application/octet-stream";
            context.Response.Close(content ?? [], willBlock: false);
        }
    }

    private object Add(byte[] blob, string mediaType)
    {
        blobs[Digest(blob)] = blob;
        return new
        {
            mediaType,
            size = blob.Length,
            digest = Digest(blob),
        };
    }

    private static byte[] Layer()
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp/") { Mode = (UnixFileMode)0b001_111_111_111 });
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.Directory, "home/app/")
                {
                    Uid = 1654,
                    Gid = 1654,
                    Mode = (UnixFileMode)0b111_101_000,
                }
            );
        }

        return stream.ToArray();
    }

    private static byte[] Compress(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(content);
        return stream.ToArray();
    }

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
