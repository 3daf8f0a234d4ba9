namespace Pipeline.Stages.Runs;

/// <summary>What a stage over the whole run wrote.</summary>
/// <param name="Rows">Rows, for people.</param>
/// <param name="Uris">The files. While they are there and nothing before them changed, the work is not done again; without any it always is.</param>
public sealed record WholeResult(long Rows, IReadOnlyList<string> Uris)
{
    /// <summary>Further files, which hold measurements too: that they are there is looked at, and not their length, which no two runs share.</summary>
    public IReadOnlyList<string> Measured { get; init; } = [];
}
