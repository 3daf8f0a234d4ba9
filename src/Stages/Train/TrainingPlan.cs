using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>One training of one seed.</summary>
/// <param name="Training">One of <see cref="TrainingNames.All"/>.</param>
/// <param name="Seed">Index of the repetition, from 0.</param>
public sealed record PlannedTraining(string Training, int Seed)
{
    /// <summary>The name of its folders, for example <c>original+kept-0</c>.</summary>
    public string Name => FormattableString.Invariant($"{Training}-{Seed}");
}

/// <summary>Everything that a run trains, all with equal steps: what differs between two trainings is their images alone.</summary>
/// <param name="Trainings">By training in the options' order, then by seed.</param>
/// <param name="StepsPerEpoch">The steps of one pass over the original training images, rounded up; the same for every training.</param>
/// <param name="Epochs">Of every training.</param>
public sealed record TrainingPlan(IReadOnlyList<PlannedTraining> Trainings, int StepsPerEpoch, int Epochs)
{
    /// <summary>Plans the trainings.</summary>
    /// <param name="options">Without faults.</param>
    /// <param name="originalCount">Original training images that can be decoded.</param>
    /// <exception cref="InvalidDataException">There is no training image.</exception>
    public static TrainingPlan Of(TrainOptions options, int originalCount)
    {
        if (originalCount < 1)
        {
            throw new InvalidDataException(
                $"The training split has {originalCount} images; it must have at least 1. Check the split column of the input."
            );
        }

        var recipe = TrainRecipes.Resolve(options);
        var trainings = options.Trainings.SelectMany(training =>
            Enumerable.Range(0, options.Seeds).Select(seed => new PlannedTraining(training, seed))
        );
        return new TrainingPlan([.. trainings], (originalCount - 1) / recipe.BatchSize + 1, recipe.Epochs);
    }

    /// <summary>The setup of one training. Trainings of one seed start from equal weights.</summary>
    /// <param name="options">The options that the plan was made from.</param>
    /// <param name="planned">The training.</param>
    /// <param name="classes">At least 2.</param>
    /// <param name="runSeed">The run's seed.</param>
    public TrainingSetup Setup(TrainOptions options, PlannedTraining planned, int classes, ulong runSeed) =>
        new(
            TrainRecipes.For(options, planned.Training),
            classes,
            StepsPerEpoch,
            Key(runSeed, planned.Seed),
            options.InitialWeights,
            options.Device
        );

    private static ulong Key(ulong runSeed, int seed) =>
        XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{runSeed}\n{seed}\ntraining")));
}
