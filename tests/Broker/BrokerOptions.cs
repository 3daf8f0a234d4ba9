namespace Pipeline.Tests.Broker;

/// <summary>How a broker of the tests is set up where a test needs it otherwise than usual.</summary>
public sealed record BrokerOptions
{
    /// <summary>Longest time until a delivery must be acknowledged; null is the server's own, 30 minutes.</summary>
    public TimeSpan? AcknowledgementTimeout { get; init; }

    /// <summary>How often the server looks for deliveries past that time; null is the server's own, 60 s.</summary>
    public TimeSpan? ChannelTick { get; init; }

    /// <summary>What amqps shows and trusts; null is no amqps.</summary>
    public BrokerCertificates? Certificates { get; init; }

    /// <summary>Whether a client must show a certificate of <see cref="Certificates"/>' authority.</summary>
    public bool ClientCertificate { get; init; }

    /// <summary>More lines of <c>rabbitmq.conf</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
