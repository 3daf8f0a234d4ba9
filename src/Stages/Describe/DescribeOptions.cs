using Pipeline.Sdk;

namespace Pipeline.Stages.Describe;

/// <summary>Settings of the describe stage.</summary>
public sealed record DescribeOptions : IStageOptions
{
    /// <summary>What writes the descriptions: <c>phrases</c>, from phrase statistics.</summary>
    public string Backend { get; init; } = "phrases";

    /// <summary>Distinct captions that are summarised, 1 to 100,000; ALIA's paper takes 200.</summary>
    public int Captions { get; init; } = 200;

    /// <summary>Training samples, in source order, whose captions they are drawn from, 1 to 1,000,000.</summary>
    public int Among { get; init; } = 2000;

    /// <summary>Descriptions at the most, 1 to 9: fewer than 10, as in ALIA.</summary>
    public int Limit { get; init; } = 6;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Backend != "phrases")
        {
            yield return $"{stage}.backend is '{Backend}'; it must be phrases. Set it in the pipeline file or with --set.";
        }

        if (Captions is < 1 or > 100_000)
        {
            yield return $"{stage}.captions is {Captions}; it must be between 1 and 100000. Set it in the pipeline file or with --set.";
        }

        if (Among is < 1 or > 1_000_000)
        {
            yield return $"{stage}.among is {Among}; it must be between 1 and 1000000 samples. Set it in the pipeline file or with --set.";
        }

        if (Limit is < 1 or > 9)
        {
            yield return $"{stage}.limit is {Limit}; it must be between 1 and 9 descriptions. Set it in the pipeline file or with --set.";
        }
    }
}
