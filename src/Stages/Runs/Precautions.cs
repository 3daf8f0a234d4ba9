namespace Pipeline.Stages.Runs;

/// <summary>How far a kind of stage is trusted: what does not come with this program is served with care.</summary>
public sealed record Precautions
{
    /// <summary>None: as the kinds that come with this program are served.</summary>
    public static readonly Precautions None = new();

    /// <summary>True to serve it in a child process, which may crash.</summary>
    public bool Isolated { get; init; }

    /// <summary>In which each call of the stage for a batch must come back, else the batch fails; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>For disposing the stage, after which it is left behind; null for as long as it takes.</summary>
    public TimeSpan? DisposeLimit { get; init; }
}
