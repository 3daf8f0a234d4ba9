using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Facts;

/// <summary>What a person should look at or do next, the weightiest first.</summary>
public static class NextSteps
{
    private const int Most = 4;
    private const int FewSeeds = 5; // with fewer, only large differences are beyond noise
    private const double Many = 0.5;
    private const double Weak = 0.25;

    /// <summary>At most four, each a sentence.</summary>
    public static IReadOnlyList<string> Of(RunReport report) =>
        [
            .. ReportWarnings
                .Of(report)
                .Concat(Account(report))
                .Concat(Seeds(report))
                .Concat(Chance(report))
                .Concat(Filter(report))
                .Concat(Group(report))
                .Concat(Curve(report))
                .Append(
                    "Look at the pictures before and after: does an edit still show its class, and does it show what its description asks for?"
                )
                .Take(Most),
        ];

    private static IEnumerable<string> Account(RunReport report)
    {
        foreach (var account in report.Accounts.Where(account => account.Quarantined + account.Failed > 0))
            yield return $"{Figures.Count(account.Quarantined + account.Failed)} of {Figures.Count(account.In)} {account.Of} were set aside or failed: "
                + "see why with `pipeline quarantine`.";
    }

    private static IEnumerable<string> Seeds(RunReport report)
    {
        var seeds = report.Metrics.Select(row => row.Seed).Distinct().Count();
        if (seeds is > 0 and < FewSeeds)
            yield return $"{(seeds == 1 ? "One seed says" : $"{seeds} seeds say")} little about noise: train more with `--set train.seeds={FewSeeds}`; "
                + "trainings that are done are not done again.";
    }

    /// <summary>A classifier no better than one that always says the same cannot show what edits are worth, and cannot filter them.</summary>
    private static IEnumerable<string> Chance(RunReport report)
    {
        var split = TrainingScores.MainSplit(report.Metrics);
        var plain = TrainingScores.Of(report.Metrics).FirstOrDefault(group => group.Split == split && group.Training == ScoreRow.Original);
        var classes = plain?.Seeds[0].PerClass.Values.Count(value => value is not null) ?? 0;
        if (
            classes > 1
            && plain?.Over(row => row.BalancedAccuracy) is { } balanced
            && balanced.Mean - (balanced.HalfWidth ?? 0) <= 1.0 / classes
        )
            yield return $"Without edits the classifier is at {Figures.Share(balanced.Mean)} balanced accuracy on {split}, where guessing gives "
                + $"{Figures.Share(1.0 / classes)}: neither gain nor filter can be trusted until it learns the task. Start from published weights "
                + "(`--set train.init=FILE`), or give it more images.";
    }

    private static IEnumerable<string> Filter(RunReport report)
    {
        var all = report.Funnel;
        if (all.Made == 0)
            yield break;
        if (all.TooEasy > Many * all.Made)
            yield return $"{Figures.Share((double)all.TooEasy / all.Made)} of the edits were too easy: they change too little. Try a greater "
                + "`--set edit.strength`.";
        if (all.Mislabelled > Many * all.Made)
            yield return $"{Figures.Share((double)all.Mislabelled / all.Made)} of the edits were taken for another class: look at them under "
                + "Before and after, and try a lesser `--set edit.strength`.";
        var empty = report.Classes.Where(row => row.Made > 0 && row.Passed == 0).Select(row => row.Name).ToList();
        if (empty.Count > 0)
            yield return $"No edit of {string.Join(", ", empty.Take(3))}{(empty.Count > 3 ? $" and {empty.Count - 3} more classes" : "")} passed the filter: "
                + "the augmented set leans towards the others.";
    }

    private static IEnumerable<string> Group(RunReport report)
    {
        var split = TrainingScores.MainSplit(report.Metrics);
        var worst = TrainingScores
            .Of(report.Metrics)
            .FirstOrDefault(group => group.Split == split && group.Training is ScoreRow.OriginalAndKept)
            ?.Over(row => row.WorstGroup);
        if (worst?.Mean < Weak)
            yield return $"The worst group on {split} is right in {Figures.Share(worst.Mean)} with the edits: find it under Accuracy, and give it images of its own.";
    }

    private static IEnumerable<string> Curve(RunReport report)
    {
        var late = report.Metrics.Where(row => row.Split == ScoreRow.Validation).ToList();
        if (late.Count > 0 && late.Count(row => row.Epochs > 1 && row.SelectedEpoch == row.Epochs) > Many * late.Count)
            yield return "Most trainings were best in their last epoch: train longer with `--set train.epochs`.";
    }
}
