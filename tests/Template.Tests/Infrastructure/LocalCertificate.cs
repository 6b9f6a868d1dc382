using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Template.Tests.Infrastructure;

/// <summary>New certificates for localhost, which only these tests trust.</summary>
public static class LocalCertificate
{
    private const string Subject = "CN=localhost";

    /// <summary>Accepts these certificates.</summary>
    public static SslClientAuthenticationOptions Trust { get; } =
        new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject is Subject };

    /// <summary>Writes a certificate and its key into one file, without a password.</summary>
    public static string WritePfx(string folder)
    {
        var file = Path.Combine(folder, "localhost.pfx");
        using var certificate = New();
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pfx));
        return file;
    }

    /// <summary>Writes a certificate and its key as PEM.</summary>
    public static (string Certificate, string Key) WritePem(string folder)
    {
        var (file, keyFile) = (Path.Combine(folder, "localhost.crt"), Path.Combine(folder, "localhost.key"));
        using var certificate = New();
        using var key = certificate.GetRSAPrivateKey()!;
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (file, keyFile);
    }

    private static X509Certificate2 New()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
