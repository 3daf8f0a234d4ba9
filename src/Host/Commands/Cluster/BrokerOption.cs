using System.CommandLine;
using Pipeline.Stages.Transport.RabbitMq;

namespace Pipeline.Host.Commands.Cluster;

/// <summary>Which broker, and how it is reached: the options that every command of a cluster has.</summary>
/// <param name="required">Whether the command needs a broker.</param>
internal sealed class BrokerOption(bool required = true)
{
    private readonly Option<string> address = new("--broker")
    {
        Description =
            "RabbitMQ, as amqp://HOST[:PORT][/VHOST] or amqps://…; several addresses parted by commas. User and password from PIPELINE_BROKER_USER and PIPELINE_BROKER_PASSWORD or PIPELINE_BROKER_PASSWORD_FILE.",
        HelpName = "ADDRESS",
        Required = required,
    };

    private readonly Option<string?> authority = new("--broker-ca")
    {
        Description = "A PEM file with the certificates that are trusted; without it those of the system.",
        HelpName = "FILE",
    };

    private readonly Option<string?> certificate = new("--broker-certificate")
    {
        Description = "A PEM file with the certificate that this program shows the broker.",
        HelpName = "FILE",
    };

    private readonly Option<string?> key = new("--broker-key")
    {
        Description = "The PEM file of that certificate's key.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(address);
        command.Add(authority);
        command.Add(certificate);
        command.Add(key);
    }

    /// <summary>Whether a broker was named.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(address) is not null;

    /// <summary>Connects to the broker that was named.</summary>
    /// <exception cref="BrokerException">It cannot be reached, or refuses; says why and what to do.</exception>
    public Task<RabbitMqTransport> ConnectAsync(ParseResult parsed, Action<string?> notice, CancellationToken stop) =>
        RabbitMqTransport.ConnectAsync(Options(parsed), notice, stop);

    /// <summary>Connects to the broker that was named; what is waited for stands on standard error.</summary>
    /// <exception cref="BrokerException">It cannot be reached, or refuses; says why and what to do.</exception>
    public Task<RabbitMqTransport> ConnectAsync(ParseResult parsed, CancellationToken stop) =>
        ConnectAsync(parsed, notice => parsed.InvocationConfiguration.Error.WriteLine(notice ?? "The broker is there again."), stop);

    /// <summary>The broker that was named.</summary>
    /// <exception cref="BrokerException">Something of it is not as it must be.</exception>
    public BrokerOptions Options(ParseResult parsed) =>
        BrokerOptions.Parse(
            parsed.GetRequiredValue(address),
            Environment.GetEnvironmentVariable,
            parsed.GetValue(authority),
            parsed.GetValue(certificate),
            parsed.GetValue(key)
        );
}
