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
/// (<c>PersistKeysTo...</c>). By default, the framework keeps them in memory when it finds no directory, and all tickets are lost.
/// </summary>
internal sealed class DataProtectionKeys(IOptions<TokenSessionOptions> options, IHostEnvironment environment, ILoggerFactory loggers)
    : IPostConfigureOptions<KeyManagementOptions>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public void PostConfigure(string? name, KeyManagementOptions keys)
    {
        if (keys.XmlRepository is not null)
        {
            return;
        }

        keys.XmlRepository = new FileSystemXmlRepository(Open(Directory()), loggers);
        if (OperatingSystem.IsWindows())
        {
            keys.XmlEncryptor ??= new DpapiXmlEncryptor(protectToLocalMachine: false, loggers);
        }
    }

    private string Directory()
    {
        if (options.Value.DataProtectionKeyDirectory is { Length: > 0 } chosen)
        {
            return Path.Combine(environment.ContentRootPath, chosen);
        }

        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data is not ""
            ? Path.Combine(data, environment.ApplicationName, "keys")
            : throw Unusable("the account that runs this site has no directory for application data");
    }

    private static DirectoryInfo Open(string path)
    {
        try
        {
            var directory = OperatingSystem.IsWindows()
                ? System.IO.Directory.CreateDirectory(path)
                : System.IO.Directory.CreateDirectory(path, OwnerOnly);
            File.Create(Path.Combine(path, Path.GetRandomFileName()), bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return directory;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"{path} cannot be written: {failure.Message}");
        }
    }

    private static OptionsValidationException Unusable(string why) =>
        DataProtectionKeysExtensions.Invalid(
            $"TokenSession:DataProtectionKeyDirectory: {why}. Set a directory that this site can write and that outlives a restart."
        );
}

internal static class DataProtectionKeysExtensions
{
    public static void AddDataProtectionKeys(this IServiceCollection services, IHostEnvironment environment, TokenSessionOptions? settings)
    {
        // Encrypts and authenticates in one pass, faster than the default (AES-CBC, then HMAC). Tickets of older keys stay readable.
        var protection = services
            .AddDataProtection()
            .UseCryptographicAlgorithms(new() { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        if (settings?.DataProtectionCertificate is { Length: > 0 } file)
        {
            protection.ProtectKeysWithCertificate(
                Open(Path.Combine(environment.ContentRootPath, file), settings.DataProtectionCertificatePassword)
            );
        }

        services.AddSingleton<IPostConfigureOptions<KeyManagementOptions>, DataProtectionKeys>();

        // Another site with the same keys, or this one with another prefix, cannot read these tickets.
        services
            .AddOptions<DataProtectionOptions>()
            .Configure<IHostEnvironment, IOptions<TokenSessionOptions>>(
                (protection, environment, session) =>
                    protection.ApplicationDiscriminator = $"{environment.ApplicationName} {session.Value.CookiePrefix}"
            );
    }

    public static OptionsValidationException Invalid(string message) =>
        new(nameof(TokenSessionOptions), typeof(TokenSessionOptions), [message]);

    private static X509Certificate2 Open(string file, string? password)
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
}
