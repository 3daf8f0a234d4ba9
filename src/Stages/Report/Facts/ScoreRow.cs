namespace Pipeline.Stages.Report.Facts;

/// <summary>One training's scores on one split: what a report reads of a row of <c>report/metrics.json</c>. Shares are between 0 and 1.</summary>
public sealed record ScoreRow
{
    /// <summary>The training without edits, to which all others are compared.</summary>
    public const string Original = "original";

    /// <summary>The training with the kept edits.</summary>
    public const string OriginalAndKept = "original+kept";

    /// <summary>The split that chose the epochs: no measure of a model.</summary>
    public const string Validation = "validation";

    /// <summary>The training's name.</summary>
    public required string Training { get; init; }

    /// <summary>The split's name.</summary>
    public required string Split { get; init; }

    /// <summary>Index of the repetition, from 0.</summary>
    public required int Seed { get; init; }

    /// <summary>Share of the images that was predicted right.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean of the classes' accuracies.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>Accuracy of the worst group; null without groups.</summary>
    public double? WorstGroup { get; init; }

    /// <summary>Mean of the classes' F1.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("macro_f1")]
    public required double MacroF1 { get; init; }

    /// <summary>Accuracy of each class; null for one without an image.</summary>
    public IReadOnlyDictionary<string, double?> PerClass { get; init; } = new Dictionary<string, double?>(StringComparer.Ordinal);

    /// <summary>Accuracy of each class within each group, by <c>class/group</c>.</summary>
    public IReadOnlyDictionary<string, double> PerGroup { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Images of the split.</summary>
    public required int Images { get; init; }

    /// <summary><c>scratch</c>, or the file of the initial weights.</summary>
    public string Init { get; init; } = "";

    /// <summary>Epochs trained.</summary>
    public int Epochs { get; init; }

    /// <summary>The epoch whose weights were scored, from 1.</summary>
    public int SelectedEpoch { get; init; }

    /// <summary>Images by true and then by predicted class, without zeros.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Confusion { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal);

    /// <summary>Images trained on; 0 where it is not known.</summary>
    public int TrainingImages { get; init; }

    /// <summary>Steps of the whole training; 0 where it is not known.</summary>
    public int Steps { get; init; }
}
