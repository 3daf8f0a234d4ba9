using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Tests.Broker;

/// <summary>An authority of a test's own, with a certificate for the server and one for a client, as PEM texts.</summary>
public sealed class BrokerCertificates
{
    /// <summary>File of the authority's certificate.</summary>
    public const string AuthorityFile = "authority.pem";

    /// <summary>File of the server's certificate, for 127.0.0.1 and localhost.</summary>
    public const string ServerFile = "server.pem";

    /// <summary>File of the server's key.</summary>
    public const string ServerKeyFile = "server.key";

    /// <summary>File of a client's certificate.</summary>
    public const string ClientFile = "client.pem";

    /// <summary>File of that client's key.</summary>
    public const string ClientKeyFile = "client.key";

    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);

    /// <summary>Makes new ones; two of these do not trust each other.</summary>
    public BrokerCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(2));
        files[AuthorityFile] = authority.ExportCertificatePem();
        Issue(authority, ServerFile, ServerKeyFile, "1.3.6.1.5.5.7.3.1");
        Issue(authority, ClientFile, ClientKeyFile, "1.3.6.1.5.5.7.3.2");
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>The authority's certificate.</summary>
    public string Authority => files[AuthorityFile];

    /// <summary>Writes all five files into a folder.</summary>
    public void WriteTo(string folder)
    {
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }
    }

    private void Issue(X509Certificate2 authority, string file, string keyFile, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Path.GetFileNameWithoutExtension(file)}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using var certificate = request.Create(authority, Now.AddDays(-1), Now.AddDays(1), [1, .. RandomNumberGenerator.GetBytes(8)]);
        files[file] = certificate.ExportCertificatePem();
        files[keyFile] = key.ExportPkcs8PrivateKeyPem();
    }
}
