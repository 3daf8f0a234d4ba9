namespace Pipeline.Models.Quality;

/// <summary>Where a score stands among others, for scores whose rank alone means something.</summary>
public sealed class RankPercentile
{
    private readonly float[] sorted;

    /// <summary>Ranks among <paramref name="scores"/>, at least one, in any order.</summary>
    public RankPercentile(IEnumerable<float> scores)
    {
        sorted = [.. scores.Order()];
        if (sorted.Length == 0)
        {
            throw new ArgumentException(
                "The scores to rank among are none; there must be at least 1. Give the references' scores.",
                nameof(scores)
            );
        }
    }

    /// <summary>Per cent of the scores that lie under <paramref name="score"/>, an equal one counted half: 0 to 100.</summary>
    public float Of(float score) => (float)(100.0 * (Below(score, orEqual: false) + Below(score, orEqual: true)) / (2.0 * sorted.Length));

    private int Below(float score, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < score || (orEqual && sorted[middle] == score) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
