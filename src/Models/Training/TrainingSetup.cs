namespace Pipeline.Models.Training;

/// <summary>One training: a recipe and what else decides its result besides the images.</summary>
/// <param name="Recipe">How it is trained.</param>
/// <param name="Classes">Outputs of the network; at least 2.</param>
/// <param name="StepsPerEpoch">
/// Steps of one epoch, at least 1. Given by the caller, so that trainings on sets of different size take equal steps; samples come round again as needed.
/// </param>
/// <param name="Seed">Seeds fresh weights, order and augmentation.</param>
/// <param name="InitialWeights">A safetensors file with published weights to start from, or null to start from fresh ones.</param>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
public sealed record TrainingSetup(
    TrainingRecipe Recipe,
    int Classes,
    int StepsPerEpoch,
    ulong Seed,
    string? InitialWeights = null,
    string Device = "cpu"
)
{
    /// <summary>Holds every value against its range.</summary>
    /// <exception cref="ArgumentException">Something is out of range; the message lists everything that is.</exception>
    internal void Check()
    {
        var faults = Recipe.Faults().ToList();
        if (Classes < 2)
        {
            faults.Add($"The class count is {Classes}; it must be at least 2.");
        }

        if (StepsPerEpoch < 1)
        {
            faults.Add($"The steps of an epoch are {StepsPerEpoch}; they must be at least 1.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"{string.Join(" ", faults)} Correct the training's settings.");
        }
    }
}
