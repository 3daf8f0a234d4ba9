using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public enum Shape
{
    RoundShape,
    Square,
}

public sealed record SourceOptions : IStageOptions
{
    public int Batch { get; init; } = 64;

    public IEnumerable<string> Faults(string stage) =>
        Batch is >= 1 and <= 128 ? [] : [$"{stage}.batch is {Batch}; it must be between 1 and 128 images. Set it with --set."];
}

/// <summary>An option of each type that a file can hold.</summary>
public sealed record EveryOptions : IStageOptions
{
    public bool Embed { get; init; }

    public int MicroBatch { get; init; } = 16;

    public long ShardBytes { get; init; } = 1L << 40;

    public double Strength { get; init; } = 0.8;

    public string Backend { get; init; } = "statistics";

    public string? LabelColumn { get; init; }

    public Shape Shape { get; init; } = Shape.Square;

    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(5);

    public IReadOnlyList<string> Trainings { get; init; } = ["original"];

    public IReadOnlyList<int> Sizes { get; init; } = [1, 2];

    public int? Quota { get; init; } = 7;

    [ContentNeutral]
    public int Workers { get; init; } = 2;

    public int Doubled => MicroBatch * 2;

    public IEnumerable<string> Faults(string stage) => [];
}

public sealed record NoOptions : IStageOptions
{
    public IEnumerable<string> Faults(string stage) => [];
}

public sealed class SourceKind : IStageKind
{
    public string Name => "source";
    public Type Options => typeof(SourceOptions);
    public int Version => 1;
    public string? Makes => null;
    public IReadOnlyList<string> Needs => [];
    public IReadOnlyList<string> Reads => [];
    public IReadOnlyList<string> Adds => ["image"];
}

public sealed class EveryKind : IStageKind
{
    public string Name => "every";
    public Type Options => typeof(EveryOptions);
    public int Version { get; init; } = 1;
    public string? Makes => null;
    public IReadOnlyList<string> Needs => [];
    public IReadOnlyList<string> Reads => ["source.image", "source.sample_id"];
    public IReadOnlyList<string> Adds => ["text"];
}

/// <summary>Needs what <see cref="MakerKind"/>, which comes after it, makes.</summary>
public sealed class GatedKind : IStageKind
{
    public string Name => "gated";
    public Type Options => typeof(NoOptions);
    public int Version => 1;
    public string? Makes => null;
    public IReadOnlyList<string> Needs => ["classifier"];
    public IReadOnlyList<string> Reads => [];
    public IReadOnlyList<string> Adds => ["verdict"];
}

public sealed class MakerKind : IStageKind
{
    public string Name => "maker";
    public Type Options => typeof(NoOptions);
    public int Version => 1;
    public string? Makes => "classifier";
    public IReadOnlyList<string> Needs => [];
    public IReadOnlyList<string> Reads => ["gated.verdict"];
    public IReadOnlyList<string> Adds => [];
}

/// <summary>Takes the text of <c>every</c> where that is upstream. Not found in an assembly.</summary>
public sealed class WishKind(string name) : IStageKind
{
    public string Name => name;
    public Type Options => typeof(NoOptions);
    public int Version => 1;
    public string? Makes => null;
    public IReadOnlyList<string> Needs => [];
    public IReadOnlyList<string> Reads => ["source.image"];
    public IReadOnlyList<string> OptionalReads => ["every.text"];
    public IReadOnlyList<string> Adds => ["wish"];
    public IReadOnlyList<ShardField> ReadTypes =>
        [new("source.image", new(ShardKind.Binary, false)), new("every.text", new(ShardKind.String, true))];
    public IReadOnlyList<ShardField> AddTypes => [new("wish", new(ShardKind.String, false))];
}

/// <summary>Not found in an assembly: it cannot be made without arguments.</summary>
public sealed class NamedKind(string name, Type options) : IStageKind
{
    public string Name => name;
    public Type Options => options;
    public int Version => 1;
    public string? Makes => null;
    public IReadOnlyList<string> Needs => [];
    public IReadOnlyList<string> Reads => [];
    public IReadOnlyList<string> Adds => [];
}
