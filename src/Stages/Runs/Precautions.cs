using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>How far a kind of stage is trusted: what does not come with this program is served with care.</summary>
public sealed record Precautions
{
    /// <summary>Time limit of a call where nothing else is said: ten minutes, as a slow model on a processor may take some for a micro-batch.</summary>
    public static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromMinutes(10);

    /// <summary>None: as the kinds that come with this program are served.</summary>
    public static readonly Precautions None = new();

    /// <summary>True to serve it in a child process, which may crash.</summary>
    public bool Isolated { get; init; }

    /// <summary>In which each call of the stage for a batch must come back, else the batch fails; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>For disposing the stage, after which it is left behind; null for as long as it takes.</summary>
    public TimeSpan? DisposeLimit { get; init; }

    /// <summary>Those for stages that are not part of this program.</summary>
    /// <param name="isolated">See <see cref="Isolated"/>.</param>
    /// <param name="timeLimit">See <see cref="TimeLimit"/>.</param>
    public static Func<IStageKind, Precautions> ForPlugins(bool isolated, TimeSpan timeLimit)
    {
        var careful = new Precautions
        {
            Isolated = isolated,
            TimeLimit = timeLimit,
            DisposeLimit = TimeSpan.FromSeconds(10),
        };
        return kind => kind.GetType().Assembly == typeof(Precautions).Assembly ? None : careful;
    }
}
