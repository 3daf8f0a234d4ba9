using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>Turns a training whose epochs are done into a model and its scores. Repeating it writes equal bytes.</summary>
public static class FinishTraining
{
    /// <summary>The name of the validation images' rows.</summary>
    private const string Validation = "validation";

    /// <summary>Writes the best epoch's model, scores it on the validation images and once on each test split, and writes scores and card.</summary>
    /// <param name="task">All epochs are done.</param>
    /// <param name="models">The output's <c>models</c> folder; the model goes to <c>{training}-{seed}</c> in it.</param>
    /// <param name="stop">Looked at before each model call.</param>
    /// <returns>The rows that were written to <see cref="TrainingFolder.Metrics"/>.</returns>
    /// <exception cref="InvalidOperationException">Epochs are missing.</exception>
    public static IReadOnlyList<MetricsRow> Run(TrainingTask task, string models, CancellationToken stop)
    {
        var curve = Whole(task);
        var folder = Path.Combine(models, task.Planned.Name);
        WriteModel(task, folder);
        using var classifier = ImageClassifier.Load(folder, task.Setup.Recipe.BatchSize, task.Setup.Recipe.Threads, task.Setup.Device);
        var rows = new List<MetricsRow>();
        if (task.Sets.ValidationImages is { Count: > 0 } validation)
        {
            rows.Add(MetricsRow.Of(task, curve, Validation, classifier.Test(new TestSplit(validation), validation.Groups, stop)));
        }

        rows.AddRange(
            task.Sets.Tests.Select(test => MetricsRow.Of(task, curve, test.Name, classifier.Test(test.Images, test.Groups, stop)))
        );
        ModelCard.Write(task, rows, Path.Combine(folder, ModelCard.FileName));
        MetricsFile.Write(task.Folder.Metrics, rows);
        return rows;
    }

    /// <summary>Copies the chosen model from <c>models</c> to <paramref name="folder"/>.</summary>
    /// <param name="plan">Every training is finished.</param>
    /// <param name="rows">The scores of every training.</param>
    /// <param name="models">The output's <c>models</c> folder.</param>
    /// <param name="folder">The output's <c>model</c> folder.</param>
    public static PlannedTraining CopyChosen(TrainingPlan plan, IReadOnlyList<MetricsRow> rows, string models, string folder)
    {
        var chosen = Choose(plan, rows);
        var source = Path.Combine(models, chosen.Name);
        foreach (var name in new[] { ImageClassifier.WeightsFileName, ClassifierConfig.FileName, ModelCard.FileName })
        {
            WholeFile.Copy(Path.Combine(source, name), Path.Combine(folder, name));
        }

        return chosen;
    }

    /// <summary>
    /// The seed of <c>original+kept</c>, or without that training of <c>original</c>, with the greatest validation accuracy; of equal ones, and without
    /// validation images, the lowest. Test scores have no say.
    /// </summary>
    public static PlannedTraining Choose(TrainingPlan plan, IReadOnlyList<MetricsRow> rows)
    {
        var seeds = plan.Trainings.Where(planned => planned.Training == TrainingNames.OriginalAndKept).ToList();
        var accuracies = rows.Where(row => row.Split == Validation)
            .ToDictionary(row => new PlannedTraining(row.Training, row.Seed), row => row.Accuracy);
        return (seeds.Count > 0 ? seeds : plan.Trainings.Where(planned => planned.Training == TrainingNames.Original))
            .OrderByDescending(planned => accuracies.GetValueOrDefault(planned, -1))
            .ThenBy(planned => planned.Seed)
            .First();
    }

    /// <summary>Puts the best epoch's weights and their configuration into a folder.</summary>
    internal static void WriteModel(TrainingTask task, string folder)
    {
        Whole(task);
        WholeFile.Copy(task.Folder.Best, Path.Combine(folder, ImageClassifier.WeightsFileName));
        var recipe = task.Setup.Recipe;
        var config = new ClassifierConfig(recipe.Architecture, task.Sets.ClassNames, recipe.ImageSize, recipe.Normalise, task.Planned.Name)
        {
            Resize = recipe.Resize,
        };
        config.Write(folder);
    }

    private static LearningCurve Whole(TrainingTask task)
    {
        var (done, wanted) = (EpochRunner.EpochsDone(task), task.Setup.Recipe.Epochs);
        return done == wanted && LearningCurve.Read(task.Folder) is { } curve
            ? curve
            : throw new InvalidOperationException(
                $"{task.Planned.Name} has {done} epochs; it must have {wanted} to be finished. Train the missing epochs first."
            );
    }
}
