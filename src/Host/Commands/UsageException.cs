namespace Pipeline.Host.Commands;

/// <summary>The command, the pipeline file or the input is not as it must be. Printed without a stack trace; the process returns 2.</summary>
/// <param name="message">What is what, what it must be, and what to do.</param>
internal sealed class UsageException(string message) : Exception(message);
