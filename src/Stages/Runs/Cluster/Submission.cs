using System.Text.Json.Serialization;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>What people want of a submitted run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WantedState>))]
public enum WantedState
{
    /// <summary>Hosts serve it.</summary>
    Running,

    /// <summary>Hosts leave it; its messages stay.</summary>
    Paused,

    /// <summary>It is over: hosts leave it, then its exchange and queues go.</summary>
    Closing,

    /// <summary>It is over, and nothing of it is left in the broker.</summary>
    Closed,
}

/// <summary>A run that hosts are to serve. Lies in the store as <c>submissions/{run}.json</c>; its files lie under <c>{run}/</c>.</summary>
public sealed record Submission
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>Raised by every command that wants the run served anew; hosts that serve an older one begin again.</summary>
    public required int Sequence { get; init; }

    /// <summary>What people want of it.</summary>
    public required WantedState Wanted { get; init; }

    /// <summary>The input as an absolute path, which must be readable for the hosts under the same name.</summary>
    public required string Input { get; init; }

    /// <summary>Folder that the uris of samples are relative to.</summary>
    public required string InputRoot { get; init; }

    /// <summary>The classes; a label is an index into it.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Samples at the most; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>How long nothing new may come before a run that is followed goes on to its end; null for a run that takes what is there.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>True when failed batches stay failed unless a replay has claimed them; false to try all of them again.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>True to hash every file again.</summary>
    public bool Verify { get; init; }

    /// <summary>Share of batches that may fail, percent.</summary>
    public required double MaxFailedPercent { get; init; }

    /// <summary>The run's weight among the runs that a host serves, 1 to 100.</summary>
    public required int Priority { get; init; }

    /// <summary>Hash of the resolved pipeline, seed and limit.</summary>
    public required string Settings { get; init; }

    /// <summary>Hash of the input's listing when it was submitted; null for a run that is followed.</summary>
    public string? Listing { get; init; }
}
