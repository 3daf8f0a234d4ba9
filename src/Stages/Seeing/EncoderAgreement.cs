using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Seeing;

/// <summary>Checks that all embeddings which a stage compares, its own and those that it reads, are of one encoder, set alike.</summary>
public static class EncoderAgreement
{
    /// <summary>What differs, one sentence each: the embedding stages that it reads are held against its own settings, or against the first of them where it has none.</summary>
    public static IEnumerable<string> Faults(StageDefinition stage, PipelineDefinition pipeline)
    {
        var read = stage.Kind.Reads.Concat(stage.Kind.OptionalReads).Select(column => column.Split('.', 2)[0]).ToHashSet();
        var encoders = pipeline
            .Stages.Where(other =>
                other.Name == stage.Name || (read.Contains(other.Name) && pipeline.Upstream(stage.Name).Contains(other.Name))
            )
            .OrderByDescending(other => other.Name == stage.Name)
            .Where(other => other.Options is IEncoderOptions)
            .Select(other => (other.Name, Options: (IEncoderOptions)other.Options))
            .ToList();
        foreach (var other in encoders.Skip(1))
        {
            foreach (var (option, mine, theirs) in Differences(encoders[0].Options, other.Options))
            {
                yield return $"{encoders[0].Name}.{option} is {mine} and {other.Name}.{option} is {theirs}; what {stage.Name} compares must come from one encoder, set alike. "
                    + $"Set both to the same, for example with --set {encoders[0].Name}.{option}={theirs}.";
            }
        }
    }

    private static IEnumerable<(string Option, string Mine, string Theirs)> Differences(IEncoderOptions own, IEncoderOptions other)
    {
        (string Option, string Mine, string Theirs)[] all =
        [
            ("model", own.Model, other.Model),
            ("backend", own.Backend, other.Backend),
            ("dtype", own.Dtype, other.Dtype),
            ("preprocess", own.Preprocess, other.Preprocess),
            ("quantization", own.Quantization ?? "null", other.Quantization ?? "null"),
        ];
        return all.Where(pair => pair.Mine != pair.Theirs);
    }
}
