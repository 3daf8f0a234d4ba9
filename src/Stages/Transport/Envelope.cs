namespace Pipeline.Stages.Transport;

/// <summary>A message as a transport carries it.</summary>
/// <param name="Type">Name of the message's type, for example <c>BatchReady</c>.</param>
/// <param name="Body">The message as JSON, see <see cref="Pipeline.Messages.Wire"/>. Not changed once it is published.</param>
public sealed record Envelope(string Type, ReadOnlyMemory<byte> Body)
{
    /// <summary>Wraps a message.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    public static Envelope Of<T>(T message)
        where T : class => new(typeof(T).Name, Messages.Wire.Write(message));

    /// <summary>Reads the message.</summary>
    /// <typeparam name="T">The type that <see cref="Type"/> names.</typeparam>
    /// <exception cref="InvalidDataException">The body is not a <typeparamref name="T"/>.</exception>
    public T Read<T>()
        where T : class => Messages.Wire.Read<T>(Body.Span);
}
