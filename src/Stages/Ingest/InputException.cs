namespace Pipeline.Stages.Ingest;

/// <summary>The input as a whole cannot be taken: it is not there, is laid out in no known way, or its table is wrong.</summary>
/// <remarks>Faults of one image are no exception but a <see cref="Rejected"/>. The person who started the run must mend the input or the settings.</remarks>
/// <param name="message">Names the path (and the line of a table), what was found, what is wanted and what to do.</param>
/// <param name="inner">What the system said, if it did.</param>
public sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
