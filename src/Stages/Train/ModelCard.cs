using System.Globalization;
using System.Text;

namespace Pipeline.Stages.Train;

/// <summary>What a person must know of a trained classifier before using it: the <c>README.md</c> beside its weights.</summary>
internal static class ModelCard
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "README.md";

    /// <summary>Writes the card, whole or not at all; equal trainings and scores give equal bytes.</summary>
    /// <param name="task">The finished training.</param>
    /// <param name="rows">Its scores.</param>
    /// <param name="path">The file.</param>
    public static void Write(TrainingTask task, IReadOnlyList<MetricsRow> rows, string path) =>
        WholeFile.Write(path, Encoding.UTF8.GetBytes(Text(task, rows)));

    private static string Text(TrainingTask task, IReadOnlyList<MetricsRow> rows)
    {
        var recipe = task.Setup.Recipe;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {task.Planned.Name}\n\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"A classifier of {task.Sets.ClassNames.Count} classes: {string.Join(", ", task.Sets.ClassNames)}.\n\n"
        );
        foreach (var (name, value) in Facts(task))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        }

        text.Append(rows.Count == 0 ? "\nNothing was measured: there were neither validation nor test images.\n" : Table(rows));
        text.Append(
            CultureInfo.InvariantCulture,
            $"Input: RGB, resized ({recipe.Resize.ToString().ToLowerInvariant()}) to {recipe.ImageSize} x {recipe.ImageSize} pixels, 0 to 1{(recipe.Normalise ? ", ImageNet's mean and deviation taken off" : "")}. "
        );
        text.Append("Tensors have torchvision's names.\n");
        return text.ToString();
    }

    private static string Table(IReadOnlyList<MetricsRow> rows)
    {
        var text = new StringBuilder("\n| split | images | accuracy | balanced | worst group | macro F1 |\n|---|---|---|---|---|---|\n");
        foreach (var row in rows)
        {
            var worst = row is { WorstGroup: { } share, WorstGroupName: { } group } ? $"{Number(share)} ({group})" : "-";
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {row.Split} | {row.Images} | {Number(row.Accuracy)} | {Number(row.BalancedAccuracy)} | {worst} | {Number(row.MacroF1)} |\n"
            );
        }

        text.Append(
            "\nValidation images chose the epoch, so their row is no measure of the classifier. Test images were used once, for this table.\n"
        );
        return text.ToString();
    }

    private static IEnumerable<(string Name, string Value)> Facts(TrainingTask task)
    {
        var (setup, recipe) = (task.Setup, task.Setup.Recipe);
        var init = MetricsRow.InitOf(setup);
        yield return ("architecture", recipe.Architecture);
        yield return ("init", setup.InitialWeights is null ? $"{init} (fresh weights; no published ones were used)" : init);
        yield return ("training", task.Planned.Training);
        yield return ("images trained on", task.Training.Images.Count.ToString(CultureInfo.InvariantCulture));
        yield return ("seed", task.Planned.Seed.ToString(CultureInfo.InvariantCulture));
        yield return (
            "steps",
            FormattableString.Invariant($"{recipe.Epochs} epochs of {setup.StepsPerEpoch} steps of {recipe.BatchSize} images")
        );
        yield return (
            "optimiser",
            FormattableString.Invariant(
                $"stochastic gradient descent, rate {recipe.LearningRate} ({recipe.Schedule.ToString().ToLowerInvariant()}), momentum {recipe.Momentum}, weight decay {recipe.WeightDecay}"
            )
        );
        yield return ("augmentation", recipe.Augmentation.ToString().ToLowerInvariant() + (recipe.Flip ? ", flips" : ""));
        yield return ("class weights", recipe.ClassWeights ? "by rarity" : "none");
    }

    private static string Number(double share) => share.ToString("F3", CultureInfo.InvariantCulture);
}
