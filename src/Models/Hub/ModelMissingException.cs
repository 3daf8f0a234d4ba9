namespace Pipeline.Models.Hub;

/// <summary>Models that are asked for are not on this machine. The message names all of them and the command that gets them.</summary>
/// <param name="message">What is missing, where it was looked for, and what to do.</param>
public sealed class ModelMissingException(string message) : Exception(message);
