namespace Pipeline.Stages.Isolation;

/// <summary>The program that tries suspects: it serves <see cref="IsolatedItems"/> on its standard input and output.</summary>
/// <param name="File">Its path.</param>
/// <param name="Arguments">What it is started with.</param>
public sealed record ChildProgram(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>For it to begin, and for each item; ten minutes, as a slow model on a processor may take some for one image. A child that takes
    /// longer is killed, and the item has brought it down.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);
}
