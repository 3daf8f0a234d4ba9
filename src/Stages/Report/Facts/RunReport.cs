using System.Text.Json.Serialization;

namespace Pipeline.Stages.Report.Facts;

/// <summary>All that a report tells of a run but times and pictures: determined by the run's input, options and seed. Lies in <c>report/report.json</c>.</summary>
public sealed record RunReport
{
    /// <summary>Name of the pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Seed of every draw.</summary>
    public required long Seed { get; init; }

    /// <summary>Every option of every stage but the report's own, as <c>edit.strength</c>, in ordinal order.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Of all sample ids, in any order: equal for equal pictures under equal names.</summary>
    public string DataContent { get; init; } = "";

    /// <summary>Samples by split and class, both in the order in which they are shown.</summary>
    public IReadOnlyList<SplitCount> Data { get; init; } = [];

    /// <summary>Samples that edits were made of.</summary>
    public int Edited { get; init; }

    /// <summary>What became of the edits of each class, in the order of the labels.</summary>
    public IReadOnlyList<FunnelRow> Classes { get; init; } = [];

    /// <summary>What became of the edits of each description, in the order of the descriptions.</summary>
    public IReadOnlyList<FunnelRow> Prompts { get; init; } = [];

    /// <summary>How sure the filter was, a histogram a class, in the order of the labels.</summary>
    public IReadOnlyList<ScoreHistogram> Scores { get; init; } = [];

    /// <summary>What each training is worth on each split; a row a seed.</summary>
    public IReadOnlyList<ScoreRow> Metrics { get; init; } = [];

    /// <summary>How each training went.</summary>
    public IReadOnlyList<LearningCurve> Curves { get; init; } = [];

    /// <summary>What the checks beside the confidence filter say; null where the pipeline has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChecksReport? Checks { get; init; }

    /// <summary>Where samples and edits have gone.</summary>
    public IReadOnlyList<AccountRow> Accounts { get; init; } = [];

    /// <summary>What became of all edits.</summary>
    public FunnelRow Funnel => FunnelRow.Sum("all edits", Classes);
}

/// <summary>Samples of one class in one split.</summary>
/// <param name="Split">train, validation or a test split's name.</param>
/// <param name="Class">The class.</param>
/// <param name="Count">Samples.</param>
public sealed record SplitCount(string Split, string Class, int Count);

/// <summary>What became of some of the edits.</summary>
/// <param name="Name">What these have in common.</param>
/// <param name="Made">Edits made.</param>
/// <param name="TooEasy">Of these, those that the base classifier was sure of.</param>
/// <param name="Mislabelled">Those that it was sure to be of another class.</param>
/// <param name="Passed">Those that passed the filter.</param>
/// <param name="Chosen">Different ones that are in the training set; null where none were selected from.</param>
public sealed record FunnelRow(string Name, int Made, int TooEasy, int Mislabelled, int Passed, int? Chosen)
{
    /// <summary>Those that another check stops, whether they passed the filter or not; null where there is no other check.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Stopped { get; init; }

    /// <summary>Edits without a verdict: set aside, or in a batch that failed.</summary>
    public int Unjudged => Made - TooEasy - Mislabelled - Passed;

    /// <summary>All rows in one.</summary>
    public static FunnelRow Sum(string name, IReadOnlyCollection<FunnelRow> rows) =>
        new(
            name,
            rows.Sum(row => row.Made),
            rows.Sum(row => row.TooEasy),
            rows.Sum(row => row.Mislabelled),
            rows.Sum(row => row.Passed),
            rows.Any(row => row.Chosen is not null) ? rows.Sum(row => row.Chosen) : null
        )
        {
            Stopped = rows.Any(row => row.Stopped is not null) ? rows.Sum(row => row.Stopped) : null,
        };
}

/// <summary>The base classifier's confidence in what it predicts, of the edits of one class.</summary>
/// <param name="Class">The class.</param>
/// <param name="Limits">What the confidences were held against, ascending; one where the assigned class decides.</param>
/// <param name="Passed">Edits in each of <see cref="Bins"/> equal parts of 0 to 1 that passed.</param>
/// <param name="TooEasy">Likewise, too easy.</param>
/// <param name="Mislabelled">Likewise, mislabelled.</param>
public sealed record ScoreHistogram(
    string Class,
    IReadOnlyList<double> Limits,
    IReadOnlyList<int> Passed,
    IReadOnlyList<int> TooEasy,
    IReadOnlyList<int> Mislabelled
)
{
    /// <summary>Parts of a histogram.</summary>
    public const int Bins = 25;

    /// <summary>The part that a confidence from 0 to 1 falls into.</summary>
    public static int BinOf(double confidence) => Math.Clamp((int)(confidence * Bins), 0, Bins - 1);
}

/// <summary>How one training of one seed went.</summary>
/// <param name="Training">Its name.</param>
/// <param name="Seed">Index of the repetition.</param>
/// <param name="Epochs">In order.</param>
public sealed record LearningCurve(string Training, int Seed, IReadOnlyList<EpochPoint> Epochs);

/// <summary>What one epoch gave.</summary>
/// <param name="TrainingLoss">Mean over its steps.</param>
/// <param name="TrainingAccuracy">Of augmented images, while the weights moved.</param>
/// <param name="ValidationLoss">Null without validation images.</param>
/// <param name="ValidationAccuracy">Null without validation images.</param>
public sealed record EpochPoint(double TrainingLoss, double TrainingAccuracy, double? ValidationLoss, double? ValidationAccuracy);

/// <summary>Where some have gone; their sum is what came in.</summary>
/// <param name="Of">Samples or edits.</param>
/// <param name="In">Came in.</param>
/// <param name="Kept">Are in the output.</param>
/// <param name="Dropped">Left out on purpose, by reason.</param>
/// <param name="Quarantined">Set aside with their own error.</param>
/// <param name="Failed">In batches that failed.</param>
public sealed record AccountRow(string Of, long In, long Kept, IReadOnlyDictionary<string, long> Dropped, long Quarantined, long Failed);
