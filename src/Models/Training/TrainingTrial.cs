namespace Pipeline.Models.Training;

/// <summary>What a training costs, measured by a step on made-up images in memory.</summary>
/// <param name="Image">Wall time of one image's forward and backward pass and its share of the optimiser's step.</param>
/// <param name="WeightBytes">Size of the weights.</param>
public sealed record TrainingTrial(TimeSpan Image, long WeightBytes)
{
    private const int Pixels = 8 * 224 * 224; // in one step: some seconds on two cores with ResNet-50
    private const int Steps = 4;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    /// <summary>Takes a step to warm up and then the fastest of four, or of as many as begin within three seconds.</summary>
    /// <param name="recipe">The training; of its batch as many images are taken as a short trial allows.</param>
    /// <param name="classes">Outputs of the network; at least 2.</param>
    /// <param name="clock">Measures.</param>
    public static TrainingTrial Measure(TrainingRecipe recipe, int classes, TimeProvider clock)
    {
        var count = Math.Clamp(Pixels / (recipe.ImageSize * recipe.ImageSize), 2, recipe.BatchSize);
        var setup = new TrainingSetup(
            recipe with
            {
                BatchSize = count,
                Epochs = 1 + Steps,
                Milestones = [],
            },
            classes,
            StepsPerEpoch: 1,
            Seed: 0
        );
        using var run = TrainingRun.Create(
            setup,
            new TrainingSplit(new FlatImages(count, classes)),
            new ValidationSplit(new FlatImages(0, classes))
        );
        run.RunEpoch(0, CancellationToken.None);
        var began = clock.GetTimestamp();
        var fastest = TimeSpan.MaxValue;
        for (var step = 1; step <= Steps && (step == 1 || clock.GetElapsedTime(began) < Long); step++)
        {
            var started = clock.GetTimestamp();
            run.RunEpoch(step, CancellationToken.None);
            var elapsed = clock.GetElapsedTime(started);
            fastest = elapsed < fastest ? elapsed : fastest;
        }

        return new TrainingTrial(fastest / count, run.WeightBytes);
    }

    private sealed class FlatImages(int count, int classes) : ITrainingImages
    {
        public int Count => count;

        public string Id(int index) => $"{index}";

        public int Label(int index) => index % classes;

        public void Read(int index, Span<byte> rgb) => rgb.Fill((byte)(index * 7));
    }
}
