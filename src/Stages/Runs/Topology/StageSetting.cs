namespace Pipeline.Stages.Runs.Topology;

/// <summary>A setting of one stage as people write it, with or without the stage's name.</summary>
/// <param name="Text"><c>stage.option=value</c>.</param>
/// <param name="Fault">What is wrong with it; null when it can be tried.</param>
internal sealed record StageSetting(string Text, string? Fault)
{
    /// <summary>Reads <c>option=value</c> or <c>stage.option=value</c>; a value may hold dots and equals signs.</summary>
    public static StageSetting Of(string stage, string set)
    {
        var parts = set.Split('=', 2);
        var key = parts[0].Split('.', 2);
        return parts.Length < 2 || key.Any(string.IsNullOrWhiteSpace)
                ? new StageSetting(
                    set,
                    $"The setting '{set}' of {stage} is none; it must be OPTION=VALUE, such as microBatch=16. Write it so."
                )
            : key.Length == 1 ? new StageSetting($"{stage}.{set}", null)
            : key[0] == stage ? new StageSetting(set, null)
            : new StageSetting(
                set,
                $"The setting '{set}' is one of {key[0]}; it must be one of {stage}. Leave the stage's name out, or set that stage's with pipeline stage set."
            );
    }
}
