namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>One broker, or one node of a cluster.</summary>
/// <param name="Host">Name or address of the machine.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record BrokerAddress(string Host, int Port)
{
    /// <summary><c>host:port</c>, an IPv6 address in brackets.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
