namespace Pipeline.Models.Training;

/// <summary>How one class was met.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Count">Images of the class.</param>
/// <param name="Accuracy">Share of them that was predicted as the class (recall); null if there is none.</param>
/// <param name="F1">2·TP / (2·TP + FP + FN); null if there is no image of the class.</param>
public sealed record ClassScore(string Name, int Count, double? Accuracy, double? F1);

/// <summary>How the images of one class within one group value were met.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Group">The group's value.</param>
/// <param name="Count">Images of both; at least 1.</param>
/// <param name="Accuracy">Share that was predicted right.</param>
public sealed record GroupScore(string Label, string Group, int Count, double Accuracy);

/// <summary>What a classifier is worth on one set of images. Means over classes are over the classes that have an image in the set.</summary>
/// <param name="Count">Images; at least 1.</param>
/// <param name="Accuracy">Share that was predicted right.</param>
/// <param name="BalancedAccuracy">Mean of the classes' accuracies.</param>
/// <param name="MacroF1">Mean of the classes' F1.</param>
/// <param name="WorstGroup">The group of least accuracy, of equal ones the first of <paramref name="PerGroup"/>; null without groups.</param>
/// <param name="PerClass">Every class, in label order.</param>
/// <param name="PerGroup">Class times group value, those that have an image, ordered by label and then by group value (ordinal).</param>
/// <param name="Confusion">Rows are labels, columns predictions.</param>
public sealed record EvaluationScores(
    int Count,
    double Accuracy,
    double BalancedAccuracy,
    double MacroF1,
    GroupScore? WorstGroup,
    IReadOnlyList<ClassScore> PerClass,
    IReadOnlyList<GroupScore> PerGroup,
    IReadOnlyList<IReadOnlyList<int>> Confusion
)
{
    /// <summary>Scores predictions.</summary>
    /// <param name="labels">The true class of each image, from 0.</param>
    /// <param name="predictions">The predicted class of each image.</param>
    /// <param name="classNames">The name of every class.</param>
    /// <param name="groups">The group value of each image, empty for an image that counts in no group; null if there are no groups.</param>
    /// <exception cref="InvalidDataException">There is no image, or the lists are not equally long.</exception>
    public static EvaluationScores Of(
        IReadOnlyList<int> labels,
        IReadOnlyList<int> predictions,
        IReadOnlyList<string> classNames,
        IReadOnlyList<string>? groups = null
    )
    {
        if (labels.Count == 0 || predictions.Count != labels.Count || (groups is not null && groups.Count != labels.Count))
        {
            throw new InvalidDataException(
                $"There are {labels.Count} labels, {predictions.Count} predictions and {groups?.Count.ToString() ?? "no"} groups; "
                    + "there must be at least one image and one of each for every image. Check the split."
            );
        }

        var confusion = classNames.Select(_ => new int[classNames.Count]).ToArray();
        foreach (var (label, prediction) in labels.Zip(predictions))
        {
            confusion[label][prediction]++;
        }

        var classes = classNames.Select((name, label) => Class(name, label, confusion)).ToArray();
        var perGroup = groups is null ? [] : Groups(labels, predictions, classNames, groups);
        return new EvaluationScores(
            labels.Count,
            (double)confusion.Select((row, label) => row[label]).Sum() / labels.Count,
            classes.Average(item => item.Accuracy) ?? 0,
            classes.Average(item => item.F1) ?? 0,
            perGroup.MinBy(group => group.Accuracy),
            classes,
            perGroup,
            confusion
        );
    }

    private static ClassScore Class(string name, int label, int[][] confusion)
    {
        var count = confusion[label].Sum();
        var hits = confusion[label][label];
        var named = confusion.Sum(row => row[label]);
        return count == 0
            ? new ClassScore(name, 0, null, null)
            : new ClassScore(name, count, (double)hits / count, 2.0 * hits / (count + named));
    }

    private static GroupScore[] Groups(
        IReadOnlyList<int> labels,
        IReadOnlyList<int> predictions,
        IReadOnlyList<string> classNames,
        IReadOnlyList<string> groups
    ) =>
        [
            .. Enumerable
                .Range(0, labels.Count)
                .Where(index => groups[index].Length > 0)
                .GroupBy(index => (Label: labels[index], Group: groups[index]))
                .OrderBy(cell => cell.Key.Label)
                .ThenBy(cell => cell.Key.Group, StringComparer.Ordinal)
                .Select(cell => new GroupScore(
                    classNames[cell.Key.Label],
                    cell.Key.Group,
                    cell.Count(),
                    (double)cell.Count(index => predictions[index] == labels[index]) / cell.Count()
                )),
        ];
}
