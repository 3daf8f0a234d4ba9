using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Facts;

/// <summary>A value that two runs do not share.</summary>
/// <param name="Name">What it is.</param>
/// <param name="First">In the first run; a dash where it has none.</param>
/// <param name="Second">In the second run; a dash where it has none.</param>
public sealed record Changed(string Name, string First, string Second);

/// <summary>One measure of one training on one split, in two runs.</summary>
/// <param name="Training">The training's name.</param>
/// <param name="Split">The split's name.</param>
/// <param name="Measure">The measure's name.</param>
/// <param name="First">Over the seeds of the first run.</param>
/// <param name="Second">Over the seeds of the second run.</param>
/// <param name="Difference">Second less first.</param>
public sealed record MeasureDifference(
    string Training,
    string Split,
    string Measure,
    SeedSummary First,
    SeedSummary Second,
    Difference Difference
);

/// <summary>What differs between two runs.</summary>
/// <param name="Options">Options that differ, the pipeline's name and the seed among them.</param>
/// <param name="SameData">Whether both ran over equal pictures of equal names.</param>
/// <param name="Counts">Counts that differ: samples, edits, verdicts, training images, steps.</param>
/// <param name="Measures">Every measure that both have.</param>
public sealed record RunComparison(
    IReadOnlyList<Changed> Options,
    bool SameData,
    IReadOnlyList<Changed> Counts,
    IReadOnlyList<MeasureDifference> Measures
)
{
    /// <summary>Compares.</summary>
    public static RunComparison Of(RunReport first, RunReport second) =>
        new(
            Differences(Settings(first), Settings(second)),
            first.DataContent == second.DataContent,
            Differences(CountsOf(first), CountsOf(second)),
            MeasuresOf(first, second)
        );

    private static List<Changed> Differences(
        IEnumerable<(string Name, string Value)> first,
        IEnumerable<(string Name, string Value)> second
    )
    {
        var one = first.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        var two = second.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        return
        [
            .. one
                .Keys.Union(two.Keys, StringComparer.Ordinal)
                .Select(name => new Changed(name, one.GetValueOrDefault(name, Figures.None), two.GetValueOrDefault(name, Figures.None)))
                .Where(changed => changed.First != changed.Second),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Settings(RunReport report) =>
        report
            .Options.Select(option => (option.Key, option.Value))
            .Prepend(("seed", $"{report.Seed}"))
            .Prepend(("pipeline", report.Pipeline));

    private static IEnumerable<(string Name, string Value)> CountsOf(RunReport report)
    {
        foreach (var cell in report.Data)
            yield return ($"samples, {cell.Split}, {cell.Class}", Figures.Count(cell.Count));
        foreach (var account in report.Accounts)
        {
            yield return ($"{account.Of} set aside", Figures.Count(account.Quarantined));
            yield return ($"{account.Of} in failed batches", Figures.Count(account.Failed));
        }

        foreach (var row in report.Classes.Append(report.Funnel))
        {
            yield return ($"edits made, {row.Name}", Figures.Count(row.Made));
            yield return ($"edits too easy, {row.Name}", Figures.Count(row.TooEasy));
            yield return ($"edits mislabelled, {row.Name}", Figures.Count(row.Mislabelled));
            yield return ($"edits passed, {row.Name}", Figures.Count(row.Passed));
            if (row.Chosen is { } chosen)
                yield return ($"edits in training, {row.Name}", Figures.Count(chosen));
        }

        foreach (var training in TrainingScores.Of(report.Metrics).DistinctBy(training => training.Training))
        {
            yield return ($"training images, {training.Training}", SideBySide.Known(training.Seeds[0].TrainingImages));
            yield return ($"steps, {training.Training}", SideBySide.Known(training.Seeds[0].Steps));
            yield return ($"seeds, {training.Training}", Figures.Count(training.Seeds.Count));
        }
    }

    private static List<MeasureDifference> MeasuresOf(RunReport first, RunReport second)
    {
        var others = TrainingScores.Of(second.Metrics).ToDictionary(scores => (scores.Training, scores.Split));
        return
        [
            .. from scores in TrainingScores.Of(first.Metrics)
            where others.ContainsKey((scores.Training, scores.Split))
            from measure in TrainingScores.Measures
            let one = scores.Over(measure.Of)
            let two = others[(scores.Training, scores.Split)].Over(measure.Of)
            where one is not null && two is not null
            select new MeasureDifference(scores.Training, scores.Split, measure.Name, one, two, Difference.Between(one, two)),
        ];
    }
}
