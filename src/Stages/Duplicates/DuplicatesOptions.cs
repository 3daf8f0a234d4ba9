using Pipeline.Models.Duplicates;
using Pipeline.Sdk;

namespace Pipeline.Stages.Duplicates;

/// <summary>Settings of the search for near-duplicates.</summary>
public sealed record DuplicatesOptions : IStageOptions
{
    /// <summary>Bits in which the hashes of near-duplicates differ at most, 0 to 15.</summary>
    public int Distance { get; init; } = PerceptualHash.DefaultDistance;

    /// <summary>The least cosine of near-duplicates, over 0 and at most 1, where embeddings are there; null to compare hashes alone.</summary>
    public double? Cosine { get; init; } = CosinePairs.DefaultCosine;

    /// <summary>Whether a training image, original or edit, that looks like one of another split is dropped; the other split's stays. Found ones are always reported.</summary>
    public bool Drop { get; init; } = true;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Distance is < 0 or > HammingPairs.MostDistance)
        {
            yield return $"{stage}.distance is {Distance}; it must be between 0 and {HammingPairs.MostDistance} bits. Set it in the pipeline file or with --set.";
        }

        if (Cosine is { } cosine && !(cosine is > 0 and <= 1))
        {
            yield return $"{stage}.cosine is {cosine}; it must be over 0 and at most 1, or null. Set it in the pipeline file or with --set.";
        }
    }
}
