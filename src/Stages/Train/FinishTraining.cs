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
    /// <param name="rows">The scores of every training.</param>
    /// <param name="models">The output's <c>models</c> folder.</param>
    /// <param name="folder">The output's <c>model</c> folder.</param>
    public static PlannedTraining CopyChosen(IReadOnlyList<MetricsRow> rows, string models, string folder)
    {
        var chosen = Choose(rows);
        var source = Path.Combine(models, chosen.Name);
        foreach (var name in new[] { ImageClassifier.WeightsFileName, ClassifierConfig.FileName, ModelCard.FileName })
        {
            WholeFile.Copy(Path.Combine(source, name), Path.Combine(folder, name));
        }

        return chosen;
    }

    /// <summary>
    /// The seed of <c>original+kept</c>, or without that training of <c>original</c>, or without both of the first by name, with the greatest validation
    /// accuracy; of equal ones, and without validation images, the lowest. Test scores have no say.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no row.</exception>
    public static PlannedTraining Choose(IReadOnlyList<MetricsRow> rows)
    {
        var training =
            new[] { TrainingNames.OriginalAndKept, TrainingNames.Original }.FirstOrDefault(name => rows.Any(row => row.Training == name))
            ?? rows.Select(row => row.Training).Order(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new InvalidDataException(
                "There are 0 rows of scores; there must be at least one validation or test image. Check the split column."
            );
        var best = rows.Where(row => row.Training == training)
            .OrderByDescending(row => row.Split == Validation ? row.Accuracy : -1)
            .ThenBy(row => row.Seed)
            .First();
        return new PlannedTraining(training, best.Seed);
    }

    /// <summary>Puts the best epoch's weights and their configuration into a folder.</summary>
    internal static void WriteModel(TrainingTask task, string folder)
    {
        Whole(task);
        WholeFile.Copy(task.Folder.Best, Path.Combine(folder, ImageClassifier.WeightsFileName));
        var recipe = task.Setup.Recipe;
        new ClassifierConfig(recipe.Architecture, task.Sets.ClassNames, recipe.ImageSize, recipe.Normalise, task.Planned.Name).Write(
            folder
        );
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
