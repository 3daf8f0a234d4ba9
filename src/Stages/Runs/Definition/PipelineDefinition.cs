using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>One stage of a pipeline with its settings resolved.</summary>
/// <remarks>Two are equal when names, kinds, predecessors and the values of all options are, lists by their elements.</remarks>
/// <param name="Name">The stage's name, unique in the pipeline.</param>
/// <param name="Kind">What it does.</param>
/// <param name="After">The stages whose batches it takes, in the file's order; empty for a source.</param>
/// <param name="Options">Its settings, of the type <see cref="IStageKind.Options"/>.</param>
public sealed record StageDefinition(string Name, IStageKind Kind, IReadOnlyList<string> After, IStageOptions Options)
{
    /// <summary>Whether both describe the same stage.</summary>
    public bool Equals(StageDefinition? other) =>
        other is not null
        && Name == other.Name
        && Kind.Name == other.Kind.Name
        && Kind.Version == other.Kind.Version
        && After.SequenceEqual(other.After)
        && Options.GetType() == other.Options.GetType()
        && OptionTexts(Options).SequenceEqual(OptionTexts(other.Options));

    /// <summary>Whether both do the same with a batch, whatever they follow; a kind that is another program by now does as it did.</summary>
    public bool DoesAs(StageDefinition? other) =>
        other is null || !ReferenceEquals(Kind, other.Kind) || ReferenceEquals(this, other) || this with { After = other.After } == other;

    /// <summary>Of the name and the kind's name.</summary>
    public override int GetHashCode() => HashCode.Combine(Name, Kind.Name);

    private static IEnumerable<string> OptionTexts(IStageOptions options) =>
        StageOption.Of(options).Select(option => $"{option.Name}={OptionValue.Text(option.Get(options))}");
}

/// <summary>A pipeline that has passed every check: its stages stand as in the file, and none follows itself.</summary>
/// <param name="Name">The pipeline's name.</param>
/// <param name="Stages">The stages, in the file's order.</param>
public sealed record PipelineDefinition(string Name, IReadOnlyList<StageDefinition> Stages)
{
    /// <summary>The stage of that name; null when there is none.</summary>
    public StageDefinition? Find(string stage) => Stages.FirstOrDefault(definition => definition.Name == stage);

    /// <summary>The stages before one, nearest first; each once.</summary>
    public IReadOnlyList<string> Upstream(string stage) =>
        [
            .. Stages
                .Where(definition => definition.Name == stage)
                .SelectMany(definition => definition.After)
                .SelectMany(after => Upstream(after).Prepend(after))
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>Whether both have the same name and equal stages in the same order.</summary>
    public bool Equals(PipelineDefinition? other) => other is not null && Name == other.Name && Stages.SequenceEqual(other.Stages);

    /// <summary>Of the name and the number of stages.</summary>
    public override int GetHashCode() => HashCode.Combine(Name, Stages.Count);
}
