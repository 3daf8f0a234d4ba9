namespace Pipeline.Stages.Isolation;

/// <summary>The program that tries suspects: it serves <see cref="IsolatedItems"/> on its standard input and output.</summary>
/// <param name="File">Its path.</param>
/// <param name="Arguments">What it is started with.</param>
public sealed record ChildProgram(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>For it to begin, and for each item; ten minutes, as a slow model on a processor may take some for one image. A child that takes
    /// longer is killed, and the item has brought it down.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The same program for a stage that it serves as a whole; see <see cref="Serving.ChildStage"/>.</summary>
    public ChildProgram ThatServes => this with { Arguments = [.. Arguments, Serving] };

    /// <summary>The argument that asks for that.</summary>
    public const string Serving = "--serve";

    /// <summary>Takes what a child that serves a stage writes to its standard error, line by line, each with the stage's name before it.</summary>
    public Action<string> Said { get; init; } = static _ => { };
}
