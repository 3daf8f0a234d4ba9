namespace Pipeline.Stages.Isolation;

/// <summary>What went wrong with an item that was tried alone in a child process.</summary>
/// <param name="kind">Kind of the error: that of the child's error, or <see cref="Crash"/>.</param>
/// <param name="message">What was found and what was wanted.</param>
/// <param name="refused">True when it went wrong in the model call, false when it was after.</param>
public sealed class IsolatedException(string kind, string message, bool refused) : Exception(message)
{
    /// <summary>Kind of an item that brings its process down.</summary>
    public const string Crash = "crash";

    /// <summary>Kind of the error, as it stands in quarantine.</summary>
    public string Kind => kind;

    /// <summary>Whether it went wrong in the model call.</summary>
    public bool Refused => refused;
}
