using Pipeline.Models.Quality;
using Pipeline.Sdk;

namespace Pipeline.Stages.Giqa;

/// <summary>Settings of the rank of edits among real images.</summary>
public sealed record GiqaOptions : IStageOptions
{
    /// <summary>Nearest references that count, 1 to 99; 1 as in the published code.</summary>
    public int Neighbours { get; init; } = 1;

    /// <summary>The least percentile of an edit among the originals' own scores, 0 to 100; null for no limit.</summary>
    public double? MinPercentile { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Neighbours is < 1 or >= KnnGiqa.LeastReferences)
        {
            yield return $"{stage}.neighbours is {Neighbours}; it must be between 1 and {KnnGiqa.LeastReferences - 1}. Set it in the pipeline file or with --set.";
        }

        if (MinPercentile is { } least && !(least is >= 0 and <= 100))
        {
            yield return $"{stage}.minPercentile is {least}; it must be between 0 and 100, or null. Set it in the pipeline file or with --set.";
        }
    }
}
