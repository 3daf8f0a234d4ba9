using Pipeline.Messages;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Flow;

/// <summary>What a stage's graph needs of the run it serves.</summary>
public sealed record FlowContext
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The stage's name.</summary>
    public required string Stage { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Hash of all that determines what the stage writes, but its input shards; hexadecimal.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>SHA-256 of the version of the plugin that the stage comes from; null for a stage of the program.</summary>
    public string? Plugin { get; init; }

    /// <summary>Where shards lie.</summary>
    public required IShardStore Store { get; init; }

    /// <summary>What carries the messages.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>Counts for people.</summary>
    public required StageMeter Meter { get; init; }

    /// <summary>The host's lanes for this kind of stage, which the runs that it serves take in turn; lanes of its own when nothing else is said.</summary>
    public StageLanes Lanes { get; init; } = new();

    /// <summary>The run's share in the lanes; 1 to <see cref="RunLane.MostWeight"/>.</summary>
    public int Weight { get; init; } = RunLane.DefaultWeight;

    /// <summary>Measures durations for people.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How batches are stamped with versions of the run's topology.</summary>
    public IBatchVersions Versions { get; init; } = new OneVersion();

    /// <summary>Keeps the process from items that bring it down; null where nothing is marked. The graph disposes it.</summary>
    public StageIsolation? Isolation { get; init; }

    /// <summary>In which each call of the stage must come back; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Told of a batch that failed because a call has not come back, where something is done about that; null where the call keeps its thread.</summary>
    public Action<string>? Hung { get; init; }

    /// <summary>The stage's settings as the pipeline file writes them, model files with their hashes; read by the first batch that fails.</summary>
    public Lazy<IReadOnlyDictionary<string, string>> Options { get; init; } = new(new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Whether a failed batch stays failed as its record says; null, or false from it, when it is tried again.</summary>
    public Func<FailureRecord, CancellationToken, ValueTask<bool>>? Stands { get; init; }

    /// <summary>Called at named points, at which a crash test ends the process.</summary>
    public Action<string> At { get; init; } = static _ => { };

    /// <summary>Called with what people should know, and with null when it is over.</summary>
    public Action<string?> Notice { get; init; } = static _ => { };

    /// <summary>Publishes that a batch is finished.</summary>
    public ValueTask PublishAsync(BatchReady message, CancellationToken stop) =>
        Transport.PublishAsync(RoutingKey.Exchange(Run), RoutingKey.Batch(message.Version, Stage), Envelope.Of(message), stop);

    /// <summary>Publishes an event of the run.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    public ValueTask PublishEventAsync<T>(T message, string subject, CancellationToken stop)
        where T : class =>
        Transport.PublishAsync(RoutingKey.Exchange(Run), RoutingKey.Event(typeof(T).Name, subject), Envelope.Of(message), stop);
}
