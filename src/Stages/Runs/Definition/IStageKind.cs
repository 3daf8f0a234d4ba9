using Pipeline.Shards;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>What a pipeline file may name as a stage: its options, and what it reads, adds, needs and makes.</summary>
/// <remarks>A kind is found by <see cref="StageCatalog.Of"/> when it is public, sealed and has a constructor without parameters.</remarks>
public interface IStageKind
{
    /// <summary>The word in the pipeline file: lower-case letters, digits, <c>-</c> and <c>_</c>.</summary>
    string Name { get; }

    /// <summary>The record of the stage's settings: an <see cref="Sdk.IStageOptions"/> that can be made without arguments.</summary>
    Type Options { get; }

    /// <summary>Raised by hand whenever equal inputs and options give other output; part of the <see cref="Fingerprint"/>.</summary>
    int Version { get; }

    /// <summary>The artifact that the stage makes over the whole run; null when it makes none. One stage a pipeline makes an artifact.</summary>
    string? Makes { get; }

    /// <summary>Artifacts that must exist before the stage takes its first batch. Their makers need not be upstream.</summary>
    IReadOnlyList<string> Needs { get; }

    /// <summary>Columns that the stage reads, as <c>stage.column</c>; the stages that add them must be upstream.</summary>
    IReadOnlyList<string> Reads { get; }

    /// <summary>Columns that the stage reads where the stage that adds them is upstream, as <c>stage.column</c>.</summary>
    IReadOnlyList<string> OptionalReads => [];

    /// <summary>Columns that the stage adds; the keys <c>sample_id</c> and <c>variant_id</c> may be left out.</summary>
    IReadOnlyList<string> Adds { get; }

    /// <summary>Types of columns in <see cref="Reads"/> and <see cref="OptionalReads"/>, by the same names; the type of a column that is left out is not checked.</summary>
    IReadOnlyList<ShardField> ReadTypes => [];

    /// <summary>What is wrong between a stage of this kind and the others of its pipeline, one sentence each; asked when all else is right.</summary>
    IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) => [];

    /// <summary>Types of columns in <see cref="Adds"/>, by the same names; the type of a column that is left out is not checked.</summary>
    IReadOnlyList<ShardField> AddTypes => [];
}
