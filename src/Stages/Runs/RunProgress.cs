namespace Pipeline.Stages.Runs;

/// <summary>How far one stage is.</summary>
public sealed record StageProgress
{
    /// <summary>The stage's name.</summary>
    public required string Stage { get; init; }

    /// <summary>Batches with a shard, or steps that are done; failed ones are not among them.</summary>
    public int Done { get; init; }

    /// <summary>Batches or steps that there will be; 0 while it is not known.</summary>
    public int Total { get; init; }

    /// <summary>What <see cref="Done"/> and <see cref="Total"/> count: <c>batch</c> or, for training, <c>epoch</c>.</summary>
    public string Step { get; init; } = "batch";

    /// <summary>Batches among <see cref="Done"/> whose valid shard an earlier run left behind.</summary>
    public int Reused { get; init; }

    /// <summary>Batches that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Rows or images given out so far.</summary>
    public long Items { get; init; }

    /// <summary>Samples or variants set aside.</summary>
    public long Quarantined { get; init; }

    /// <summary>Mean share of a micro-batch that holds items, 0 to 1; NaN where the stage has none.</summary>
    public double MicroBatchFill { get; init; } = double.NaN;

    /// <summary>In words: <c>running</c>, <c>done</c>, <c>waiting for domains</c>, <c>paused: disk full</c>, <c>stopped: 5 batches in a row failed, the last with …</c>.</summary>
    public required string State { get; init; }

    /// <summary>Seconds of work so far, summed over the stage's workers.</summary>
    public double BusySeconds { get; init; }
}

/// <summary>How far a run is at one moment.</summary>
public sealed record RunProgress
{
    /// <summary>Since this process began the run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Every stage, in the order of the pipeline.</summary>
    public required IReadOnlyList<StageProgress> Stages { get; init; }

    /// <summary>What a person should know now; null when nothing.</summary>
    public string? Notice { get; init; }
}

/// <summary>Takes a run's progress to whoever watches.</summary>
public interface IRunMonitor
{
    /// <summary>Called about four times a second, from any thread, one call at a time or several; it returns at once.</summary>
    void Report(RunProgress progress);
}
