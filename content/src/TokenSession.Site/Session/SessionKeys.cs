using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using TokenSessionSite.Session.Redis;

namespace TokenSessionSite.Session;

/// <summary>
/// Keeps the Data Protection keys where a restart does not lose them: in a folder, or with several nodes in Redis. The framework would
/// choose a folder by itself, and fall back to memory without a word that anybody reads.
/// </summary>
internal sealed class SessionKeys(
    IOptions<TokenSessionOptions> options,
    IHostEnvironment environment,
    IServiceProvider services,
    ILoggerFactory loggers
) : IConfigureOptions<KeyManagementOptions>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public void Configure(KeyManagementOptions keys)
    {
        if (services.GetService<RedisConnection>() is { } redis)
        {
            var list = services.GetRequiredService<RedisNames>().Keys;
            keys.XmlRepository = new RedisXmlRepository(() => redis.Multiplexer.GetDatabase(), list);
            return;
        }

        keys.XmlRepository = new FileSystemXmlRepository(Open(Folder()), loggers);
        if (OperatingSystem.IsWindows())
        {
            keys.XmlEncryptor ??= new DpapiXmlEncryptor(protectToLocalMachine: false, loggers);
        }
    }

    private string Folder()
    {
        if (options.Value.KeyFolder is { Length: > 0 } chosen)
        {
            return Path.Combine(environment.ContentRootPath, chosen);
        }

        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data is not ""
            ? Path.Combine(data, environment.ApplicationName, "keys")
            : throw Unusable("the account that runs this site has no folder of its own");
    }

    private static DirectoryInfo Open(string folder)
    {
        try
        {
            var directory = OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, OwnerOnly);
            var probe = Path.Combine(folder, Path.GetRandomFileName());
            File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return directory;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"{folder} cannot be written: {failure.Message}");
        }
    }

    private static OptionsValidationException Unusable(string why) =>
        new(
            nameof(TokenSessionOptions),
            typeof(TokenSessionOptions),
            [$"TokenSession:KeyFolder: {why}. Name a folder that this site may write and that outlives a restart."]
        );
}

internal static class SessionKeysExtensions
{
    public static void AddSessionKeys(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        // Authenticated encryption in one pass, and faster than the default (AES-CBC, then HMAC). Keys of before open their tickets still.
        var protection = services
            .AddDataProtection()
            .UseCryptographicAlgorithms(new() { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        var settings = configuration.GetSection(TokenSessionOptions.Section).Get<TokenSessionOptions>();
        if (settings?.KeyCertificate is { Length: > 0 } file)
        {
            protection.ProtectKeysWithCertificate(Open(Path.Combine(environment.ContentRootPath, file), settings.KeyCertificatePassword));
        }

        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, SessionKeys>();

        // Another site with the same folder, or this one under another prefix, cannot read these tickets.
        services
            .AddOptions<DataProtectionOptions>()
            .Configure<IHostEnvironment, IOptions<TokenSessionOptions>>(
                (protection, environment, session) =>
                    protection.ApplicationDiscriminator = $"{environment.ApplicationName} {session.Value.CookiePrefix}"
            );
    }

    private static X509Certificate2 Open(string file, string? password)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password);

            // It would encrypt keys that nobody can read again.
            return certificate.HasPrivateKey ? certificate : throw new CryptographicException("It has no private key.");
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new OptionsValidationException(
                nameof(TokenSessionOptions),
                typeof(TokenSessionOptions),
                [
                    $"TokenSession:KeyCertificate: {file} cannot be used: {failure.Message} Name a PFX file with its private key, and its "
                        + "password in TokenSession:KeyCertificatePassword.",
                ]
            );
        }
    }
}
