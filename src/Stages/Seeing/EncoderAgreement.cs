using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Seeing;

/// <summary>Checks that a stage and the embeddings that it reads are of one encoder, set alike.</summary>
public static class EncoderAgreement
{
    /// <summary>What differs between a stage and the embedding stages that it reads, one sentence each.</summary>
    public static IEnumerable<string> Faults(StageDefinition stage, PipelineDefinition pipeline)
    {
        if (stage.Options is not IEncoderOptions own)
        {
            yield break;
        }

        var read = stage.Kind.Reads.Concat(stage.Kind.OptionalReads).Select(column => column.Split('.', 2)[0]).ToHashSet();
        foreach (var name in pipeline.Upstream(stage.Name).Where(read.Contains))
        {
            if (pipeline.Find(name)?.Options is not IEncoderOptions other)
            {
                continue;
            }

            foreach (var (option, mine, theirs) in Differences(own, other))
            {
                yield return $"{stage.Name}.{option} is {mine} and {name}.{option} is {theirs}; what {stage.Name} compares must come from one encoder, set alike. "
                    + $"Set both to the same, for example with --set {stage.Name}.{option}={theirs}.";
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
