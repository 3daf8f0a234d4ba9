using Pipeline.Models.Training;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Train;

/// <summary>What the trainings of a run will come to.</summary>
internal static class TrainForecast
{
    private const double ForwardShare = 1.0 / 3; // the backward pass takes twice as long as the forward pass
    private const int Channels = 3;

    /// <summary>Plans all trainings from one measured step.</summary>
    public static StagePlan Of(TrainOptions options, StageDefinition stage, PlanSite site)
    {
        var weights = new ModelUse(
            $"{TrainRecipes.Resolve(options).Architecture}, recipe {options.Recipe}",
            options.InitialWeights,
            "fresh weights, trained from scratch"
        );
        if (site.Training == 0 || site.Classes < 2)
        {
            return new StagePlan
            {
                Rows = 0,
                Bytes = 0,
                Basis = "nothing: there is no training image, or only one class",
                Models = [weights],
            };
        }

        var (recipe, plan, trial) = (TrainRecipes.Resolve(options), TrainingPlan.Of(options, site.Training), Trial(options, site));
        var kept = stage.After.Select(site.Of).Where(before => before.Rows < site.Count).Sum(before => before.Rows);
        var trainings = plan.Trainings.Count;
        var fitted = (double)trainings * plan.Epochs * plan.StepsPerEpoch * recipe.BatchSize;
        var held = site.Count - site.Training;
        var scored = trainings * ((double)plan.Epochs * site.Splits.GetValueOrDefault("validation") + held);
        return new StagePlan
        {
            Rows = trainings,
            Bytes = Bytes(trial.WeightBytes, trainings, site.Count + kept + site.Count, recipe.ImageSize),
            Work = (fitted + (scored * ForwardShare)) * Core(options, trial),
            Basis = FormattableString.Invariant(
                $"{trainings} × {plan.Epochs} epochs × {plan.StepsPerEpoch} steps of {recipe.BatchSize}; {(trial.Image * recipe.BatchSize).TotalSeconds:0.00} s a step, measured"
            ),
            Models = [weights],
        };
    }

    /// <summary>Time of one core to classify one image.</summary>
    public static TimeSpan Forward(TrainOptions options, PlanSite site) =>
        site.Classes < 2 ? TimeSpan.Zero : Core(options, Trial(options, site)) * ForwardShare;

    /// <summary>
    /// Of each training the checkpoint (weights and momentum), its best weights and its model; then the chosen model and the base classifier; and twice the
    /// pixels, without and with edits.
    /// </summary>
    internal static long Bytes(long weights, int trainings, long images, int imageSize) =>
        (((4L * trainings) + 2) * weights) + (images * Channels * imageSize * imageSize);

    private static TimeSpan Core(TrainOptions options, TrainingTrial trial) =>
        trial.Image * Math.Min(options.Threads, Environment.ProcessorCount);

    private static TrainingTrial Trial(TrainOptions options, PlanSite site) =>
        site.Once("training step", () => TrainingTrial.Measure(TrainRecipes.Resolve(options), site.Classes, site.Clock));
}
