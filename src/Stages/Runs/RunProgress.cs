namespace Pipeline.Stages.Runs;

/// <summary>How far one stage of a run is, for people.</summary>
public sealed record StageProgress
{
    /// <summary>The stage's name.</summary>
    public required string Stage { get; init; }

    /// <summary>Batches (epochs, for training) with an outcome.</summary>
    public int Done { get; init; }

    /// <summary>Batches in all; 0 while unknown.</summary>
    public int Total { get; init; }

    /// <summary>Batches that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Rows or images written.</summary>
    public long Items { get; init; }

    /// <summary>Samples and variants set aside.</summary>
    public long Quarantined { get; init; }

    /// <summary>Share of the places in model calls that held an item, 0 to 1; not a number without model calls.</summary>
    public double MicroBatchFill { get; init; } = double.NaN;

    /// <summary>What it is doing, for example <c>running</c> or <c>waiting for domains</c>.</summary>
    public required string State { get; init; }

    /// <summary>Time spent in its own code, seconds summed over threads.</summary>
    public double BusySeconds { get; init; }
}

/// <summary>How far a run is.</summary>
public sealed record RunProgress
{
    /// <summary>Since this process began the run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The stages in the order of the pipeline.</summary>
    public required IReadOnlyList<StageProgress> Stages { get; init; }

    /// <summary>What a person should know now, for example that the disk is full; null when there is nothing.</summary>
    public string? Notice { get; init; }
}

/// <summary>Is told several times a second how far a run is.</summary>
public interface IRunMonitor
{
    /// <summary>Takes the newest state; called from one thread at a time.</summary>
    void Report(RunProgress progress);
}
