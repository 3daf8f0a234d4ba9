using System.Text.Json.Serialization;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>What one training is worth on one split: an element of <c>report/metrics.json</c>, names in snake_case.</summary>
/// <remarks>Shares are between 0 and 1. Means over classes are over the classes that have an image in the split.</remarks>
public sealed record MetricsRow
{
    /// <summary>One of <see cref="TrainingNames.All"/>.</summary>
    public required string Training { get; init; }

    /// <summary><c>validation</c> (which chose the epoch: no measure of the model) or a test split's name.</summary>
    public required string Split { get; init; }

    /// <summary>Index of the repetition, from 0.</summary>
    public required int Seed { get; init; }

    /// <summary>Share of the images that was predicted right.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean of the classes' accuracies.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>The least accuracy of <see cref="PerGroup"/>; null without groups.</summary>
    public required double? WorstGroup { get; init; }

    /// <summary>Mean of the classes' F1.</summary>
    [JsonPropertyName("macro_f1")]
    public required double MacroF1 { get; init; }

    /// <summary>Accuracy of each class by name; null for a class without an image.</summary>
    public required IReadOnlyDictionary<string, double?> PerClass { get; init; }

    /// <summary>Accuracy of each class within each group that has an image, by <c>class/group</c>; empty without groups.</summary>
    public required IReadOnlyDictionary<string, double> PerGroup { get; init; }

    /// <summary>The name of the worst group, of equal ones the first in label and group order; null without groups.</summary>
    public required string? WorstGroupName { get; init; }

    /// <summary>Images of the split.</summary>
    public required int Images { get; init; }

    /// <summary><c>scratch</c>, or the name of the file with the initial weights.</summary>
    public required string Init { get; init; }

    /// <summary>Epochs trained.</summary>
    public required int Epochs { get; init; }

    /// <summary>The epoch whose weights were scored, from 1.</summary>
    public required int SelectedEpoch { get; init; }

    /// <summary><c>validation accuracy</c> or <c>last epoch</c>.</summary>
    public required string SelectedBy { get; init; }

    /// <summary>Images by true and then by predicted class, pairs without an image left out; empty in files of before it was written.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Confusion { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal);

    /// <summary>Images that the training was fitted to, edits among them; 0 in files of before it was written.</summary>
    public int TrainingImages { get; init; }

    /// <summary>Steps of the whole training, equal for all trainings of a run; 0 in files of before it was written.</summary>
    public int Steps { get; init; }

    /// <summary>The row of one split.</summary>
    /// <param name="task">The finished training.</param>
    /// <param name="curve">Its whole curve.</param>
    /// <param name="split">The split's name.</param>
    /// <param name="scores">On that split.</param>
    internal static MetricsRow Of(TrainingTask task, LearningCurve curve, string split, EvaluationScores scores)
    {
        var selected = curve.Epochs.Last(epoch => epoch.IsBest);
        return new MetricsRow
        {
            Training = task.Planned.Training,
            Split = split,
            Seed = task.Planned.Seed,
            Accuracy = scores.Accuracy,
            BalancedAccuracy = scores.BalancedAccuracy,
            WorstGroup = scores.WorstGroup?.Accuracy,
            MacroF1 = scores.MacroF1,
            PerClass = scores.PerClass.ToDictionary(score => score.Name, score => score.Accuracy),
            PerGroup = scores.PerGroup.ToDictionary(Name, score => score.Accuracy),
            WorstGroupName = scores.WorstGroup is { } worst ? Name(worst) : null,
            Images = scores.Count,
            Init = InitOf(task.Setup),
            Epochs = curve.Epochs.Count,
            SelectedEpoch = selected.Epoch + 1,
            SelectedBy = selected.ValidationAccuracy is null ? TrainingSelection.ByLastEpoch : TrainingSelection.ByValidation,
            Confusion = Named(scores),
            TrainingImages = task.Sets.Images(task.Planned.Training).Count,
            Steps = curve.Epochs.Count * task.Setup.StepsPerEpoch,
        };
    }

    /// <summary>What a training started from, for people: <see cref="Init"/>.</summary>
    internal static string InitOf(TrainingSetup setup) => setup.InitialWeights is { } path ? Path.GetFileName(path) : TrainRecipes.Scratch;

    private static Dictionary<string, IReadOnlyDictionary<string, int>> Named(EvaluationScores scores) =>
        scores
            .PerClass.Zip(scores.Confusion)
            .Where(row => row.First.Count > 0)
            .ToDictionary(
                row => row.First.Name,
                IReadOnlyDictionary<string, int> (row) =>
                    scores
                        .PerClass.Zip(row.Second)
                        .Where(cell => cell.Second > 0)
                        .ToDictionary(cell => cell.First.Name, cell => cell.Second, StringComparer.Ordinal),
                StringComparer.Ordinal
            );

    private static string Name(GroupScore score) => $"{score.Label}/{score.Group}";
}
