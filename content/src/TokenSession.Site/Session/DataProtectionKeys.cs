using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Keeps the Data Protection keys in a directory that survives a restart, unless the application has chosen another place
/// (<c>PersistKeysTo...</c>). If the framework finds no directory, it keeps the keys in memory by default, and a restart loses all tickets.
/// </summary>
internal static class DataProtectionKeys
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void AddDataProtectionKeys(this IServiceCollection services, IHostEnvironment environment, TokenSessionOptions settings)
    {
        // Because of the name, another site with the same keys cannot read the tickets, and neither can this site with another prefix.
        // AES-GCM is faster than the default (AES-CBC, then HMAC).
        var protection = services
            .AddDataProtection()
            .SetApplicationName($"{environment.ApplicationName} {settings.CookiePrefix}")
            .UseCryptographicAlgorithms(new() { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        if (settings.DataProtectionCertificate is { Length: > 0 } file)
        {
            var path = Path.Combine(environment.ContentRootPath, file);
            protection.ProtectKeysWithCertificate(OpenCertificate(path, settings.DataProtectionCertificatePassword));
        }

        services
            .AddOptions<KeyManagementOptions>()
            .PostConfigure<ILoggerFactory>(
                (keys, loggers) =>
                {
                    if (keys.XmlRepository is null)
                    {
                        keys.XmlRepository = new FileSystemXmlRepository(OpenDirectory(environment, settings), loggers);
                        keys.XmlEncryptor ??= DefaultEncryptor(environment, loggers);
                    }
                }
            );
    }

    /// <summary>Adds the directory of the sessions. Its name has the prefix, because several sites may have their keys in one
    /// directory.</summary>
    public static void AddSessionDirectory(this IServiceCollection services) =>
        services.AddSingleton(provider =>
        {
            var keys = provider.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository;
            var name = provider.GetRequiredService<IOptions<TokenSessionOptions>>().Value.CookiePrefix + "-sessions";
            return new SessionDirectory(
                keys is FileSystemXmlRepository { Directory.FullName: var path } ? Path.Combine(path, name) : null,
                provider.GetRequiredService<ILogger<SessionDirectory>>()
            );
        });

    /// <summary>Creates a directory that only the account of the site can read. On Windows, it has the permissions of its parent.</summary>
    public static DirectoryInfo CreateDirectory(string path) =>
        OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, OwnerOnly);

    /// <summary>Returns the encryptor of new keys; null: none, and ASP.NET Core then logs a warning. Development needs neither encryption
    /// nor this warning.</summary>
    private static IXmlEncryptor? DefaultEncryptor(IHostEnvironment environment, ILoggerFactory loggers)
    {
        if (OperatingSystem.IsWindows())
        {
            return new DpapiXmlEncryptor(protectToLocalMachine: false, loggers);
        }

        return environment.IsDevelopment() ? new NullXmlEncryptor() : null;
    }

    private static DirectoryInfo OpenDirectory(IHostEnvironment environment, TokenSessionOptions settings)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        var path = settings.DataProtectionKeyDirectory is { Length: > 0 } chosen
            ? Path.Combine(environment.ContentRootPath, chosen)
            : Path.Combine(data, environment.ApplicationName, "keys");
        if (!OperatingSystem.IsWindows())
        {
            OpenDirectory(
                Path.GetTempPath(),
                "The directory for temporary files",
                "ASP.NET Core writes a new key there first. Mount a writable directory at /tmp, or set TMPDIR to one."
            );
        }

        return OpenDirectory(
            path,
            "TokenSession:DataProtectionKeyDirectory",
            "Set a directory that this site can write and that outlives a restart."
        );
    }

    /// <summary>Creates the directory if it does not exist, and stops the start if it cannot be written.</summary>
    private static DirectoryInfo OpenDirectory(string path, string source, string remedy)
    {
        try
        {
            var directory = CreateDirectory(path);
            File.Create(Path.Combine(path, Path.GetRandomFileName()), bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return directory;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"{source}: {path} cannot be written ({failure.Message.TrimEnd('.')}). {remedy}");
        }
    }

    private static X509Certificate2 OpenCertificate(string file, string? password)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password);
            return certificate.HasPrivateKey ? certificate : throw new CryptographicException("It has no private key.");
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(
                $"TokenSession:DataProtectionCertificate: {file} cannot be used: {failure.Message} Set a PFX file with its private key, and "
                    + "its password in TokenSession:DataProtectionCertificatePassword."
            );
        }
    }

    private static OptionsValidationException Invalid(string message) =>
        new(nameof(TokenSessionOptions), typeof(TokenSessionOptions), [message]);
}
