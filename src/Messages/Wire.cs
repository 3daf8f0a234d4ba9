using System.Text.Json;

namespace Pipeline.Messages;

/// <summary>The form of messages on the wire: plain JSON, camelCase; the type's name goes in a header.</summary>
public static class Wire
{
    /// <summary>Header that carries the message's type.</summary>
    public const string TypeHeader = "pipeline-type";

    /// <summary>The one set of JSON options for every message.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = false };

    /// <summary>Writes a message's body.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    public static byte[] Write<T>(T message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <summary>Reads a message's body.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    /// <exception cref="InvalidDataException">The body is not a <typeparamref name="T"/>; the message says what is wrong with it.</exception>
    public static T Read<T>(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Options)
                ?? throw new InvalidDataException($"The message body is null; it must be a {typeof(T).Name}.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The message body is not a {typeof(T).Name}: {error.Message}", error);
        }
    }
}
