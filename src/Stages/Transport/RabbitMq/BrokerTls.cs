using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>The certificates of a connection: the authorities that this side trusts, and the certificate that it shows.</summary>
internal sealed class BrokerTls
{
    private readonly X509Certificate2Collection authorities = [];
    private readonly X509Certificate2? own;

    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="BrokerException">A file is missing, or is not what it must be.</exception>
    internal BrokerTls(BrokerOptions options)
    {
        if (options.AuthorityFile is { } authority)
        {
            authorities = Read(authority, "certificates of authorities", Authorities);
        }

        if (options.CertificateFile is { } certificate)
        {
            own = Read(
                certificate,
                $"a certificate, with its key in {options.KeyFile}",
                file => X509Certificate2.CreateFromPemFile(file, options.KeyFile)
            );
        }
    }

    /// <summary>What is wrong with the certificate that a broker showed last; null when nothing is, or before one showed any.</summary>
    internal string? Distrust { get; set; }

    internal SslOption For(string host) =>
        new(host, enabled: true)
        {
            Certs = own is null ? null : [own],
            CertificateValidationCallback = (_, certificate, _, errors) => (Distrust = Judge(certificate, errors)) is null,
        };

    private string? Judge(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return "it shows no certificate";
        }

        var who = $"its certificate is of {shown.Subject}, signed by {shown.Issuer}";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"{who}, for another name";
        }

        if (authorities.Count == 0)
        {
            return errors == SslPolicyErrors.None ? null : $"{who}, whom this machine does not trust";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(shown)
            ? null
            : $"{who}: {string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()))}";
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(file);
        return found.Count > 0 ? found : throw new CryptographicException("It holds no certificate.");
    }

    private static T Read<T>(string file, string wanted, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new BrokerException(
                $"The file {file} cannot be used: {error.Message} It must hold {wanted}, as PEM. Name another file.",
                error
            );
        }
    }
}
