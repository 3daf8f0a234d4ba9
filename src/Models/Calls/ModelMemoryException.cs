namespace Pipeline.Models.Calls;

/// <summary>A model call lacked memory, of the processor or of a device. The same call with fewer rows may succeed; results made before stay valid.</summary>
/// <param name="message">Which call, and what it had.</param>
/// <param name="inner">The native library's error.</param>
public sealed class ModelMemoryException(string message, Exception inner) : Exception(message, inner);
