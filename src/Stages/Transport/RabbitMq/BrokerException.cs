namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>A broker cannot be used as it was named; the message says which thing, what was found, what was wanted and what to do.</summary>
public sealed class BrokerException(string message, Exception? inner = null) : Exception(message, inner);
