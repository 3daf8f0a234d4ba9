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

    /// <summary>Everything but the password.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Tls ? "amqps://" : "amqp://").AppendJoin(',', Addresses);
        return VirtualHost == "/" ? text.ToString() : text.Append('/').Append(Uri.EscapeDataString(VirtualHost)).ToString();
    }
}
