using System.Text;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Where a broker is and how to enter it.</summary>
public sealed record BrokerOptions
{
    /// <summary>The nodes, tried in this order; one or more.</summary>
    public required IReadOnlyList<BrokerAddress> Addresses { get; init; }

    /// <summary>The virtual host.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>The user's name.</summary>
    public required string User { get; init; }

    /// <summary>The user's password; never printed.</summary>
    public required string Password { get; init; }

    /// <summary>Whether the connection is encrypted (amqps).</summary>
    public bool Tls { get; init; }

    /// <summary>PEM file of the authorities that may have signed the broker's certificate; null for those that the machine trusts.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>PEM file of the certificate that this side shows; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of the key of <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A connection on which nothing was heard for about two of these is lost. 10 s: a dead peer is noticed before people do.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The broker's <c>consumer_timeout</c>; 30 minutes, as it is when nobody set it.</summary>
    public TimeSpan AcknowledgementTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Reads what a person wrote; see <see cref="BrokerAddressList"/> and <see cref="BrokerCredentials"/>.</summary>
    /// <param name="addresses">One address or several, parted by commas: <c>amqp://host:port/virtual-host</c>, amqps for TLS.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="authorityFile">As <see cref="AuthorityFile"/>.</param>
    /// <param name="certificateFile">As <see cref="CertificateFile"/>.</param>
    /// <param name="keyFile">As <see cref="KeyFile"/>.</param>
    /// <exception cref="BrokerException">Something of it is not as it must be.</exception>
    public static BrokerOptions Parse(
        string addresses,
        Func<string, string?> environment,
        string? authorityFile = null,
        string? certificateFile = null,
        string? keyFile = null
    )
    {
        var list = BrokerAddressList.Parse(addresses);
        var credentials = BrokerCredentials.Read(environment, list.Addresses);
        if (!list.Tls && (authorityFile ?? certificateFile ?? keyFile) is { } file)
        {
            throw new BrokerException(
                $"The broker's address is {addresses}, without TLS, and the file {file} is given; certificates go with amqps. Write amqps:// or leave the files out."
            );
        }

        if (certificateFile is null != keyFile is null)
        {
            throw new BrokerException(
                $"Of the client's certificate and its key, only {certificateFile ?? keyFile} is given; it must be both or none. Give the other file too."
            );
        }

        return new BrokerOptions
        {
            Addresses = list.Addresses,
            VirtualHost = list.VirtualHost,
            Tls = list.Tls,
            User = credentials.User,
            Password = credentials.Password,
            AuthorityFile = authorityFile,
            CertificateFile = certificateFile,
            KeyFile = keyFile,
        };
    }

    /// <summary>The addresses; never the credentials.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Tls ? "amqps://" : "amqp://").AppendJoin(',', Addresses);
        return VirtualHost == "/" ? text.ToString() : text.Append('/').Append(Uri.EscapeDataString(VirtualHost)).ToString();
    }
}
