namespace Pipeline.Models.Training;

/// <summary>What the confidence filter says of an edit.</summary>
public enum ConfidenceVerdict
{
    /// <summary>The base model is unsure: the edit is kept, whatever it predicts.</summary>
    Keep,

    /// <summary>The base model is sure of the assigned label: the edit changed too little.</summary>
    TooEasy,

    /// <summary>The base model is sure of another label: the edit destroyed what makes the class.</summary>
    Mislabelled,
}

/// <summary>Whose threshold the confidence is held against.</summary>
public enum ThresholdRule
{
    /// <summary>The assigned label's, as ALIA's released code does since 2023-10-30.</summary>
    Assigned,

    /// <summary>The predicted label's, as ALIA's paper and its earlier code do.</summary>
    Predicted,
}

/// <summary>ALIA's confidence filter (Dunlap et al. 2023): removes the edits that the base model is sure about.</summary>
public static class ConfidenceFilter
{
    /// <summary>The least threshold (cleanlab, <c>get_confident_thresholds</c>).</summary>
    public const double Floor = 2e-6;

    /// <summary>The threshold of a class without a training image; no probability exceeds it.</summary>
    public const double Absent = 2;

    /// <summary>The base model's mean confidence in its own class, for each class; at least <see cref="Floor"/>, or <see cref="Absent"/>.</summary>
    /// <param name="probabilities">One row for each training image, one column for each class.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="classes">Columns of a row.</param>
    public static double[] Thresholds(IReadOnlyList<float[]> probabilities, IReadOnlyList<int> labels, int classes)
    {
        if (probabilities.Count != labels.Count)
        {
            throw new ArgumentException(
                $"There are {probabilities.Count} rows of probabilities for {labels.Count} labels; there must be one each. Pass the same images."
            );
        }

        var sums = new double[classes];
        var counts = new int[classes];
        for (var row = 0; row < labels.Count; row++)
        {
            sums[labels[row]] += probabilities[row][labels[row]];
            counts[labels[row]]++;
        }

        return [.. sums.Zip(counts, (sum, count) => count == 0 ? Absent : Math.Max(Floor, sum / count))];
    }

    /// <summary>Judges one edit. A confidence exactly at the threshold is kept; of equal probabilities the lower class is the prediction.</summary>
    /// <param name="assigned">The label of the edit's source.</param>
    /// <param name="probabilities">The base model's, one for each class.</param>
    /// <param name="thresholds">From <see cref="Thresholds"/>.</param>
    /// <param name="rule">Whose threshold counts.</param>
    public static ConfidenceVerdict Judge(
        int assigned,
        ReadOnlySpan<float> probabilities,
        IReadOnlyList<double> thresholds,
        ThresholdRule rule
    )
    {
        var predicted = Softmax.Best(probabilities);
        var threshold = thresholds[rule == ThresholdRule.Assigned ? assigned : predicted];
        return probabilities[predicted] > threshold
            ? predicted == assigned
                ? ConfidenceVerdict.TooEasy
                : ConfidenceVerdict.Mislabelled
            : ConfidenceVerdict.Keep;
    }
}
