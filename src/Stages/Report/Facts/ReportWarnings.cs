using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Facts;

/// <summary>What a person must be told wherever a report is mentioned, on the console too.</summary>
public static class ReportWarnings
{
    /// <summary>Each a sentence; empty where all is well.</summary>
    public static IReadOnlyList<string> Of(RunReport report)
    {
        var warnings = new List<string>();
        if (report.Checks?.Health is { IsUnhealthy: true } health)
            warnings.Add(
                $"The semantic filter would refuse {Figures.Share(health.Share)} of the training originals, where at most {Figures.Whole(HealthFigure.MostRefused)} is healthy: its prompts do not fit the data set. "
                    + "Choose other prompts with `--set semantic.tasks` and `--set semantic.negatives`, and the same for semantic-originals."
            );
        if (report.Checks?.Duplicates is { AcrossSplits: > 0, DroppedSamples: 0, DroppedEdits: 0 } found)
            warnings.Add(
                $"{Figures.Count(found.AcrossSplits)} pairs of images look alike across splits, and none was dropped: scores on those splits are too good. Drop them from training with `--set duplicates.drop=true`."
            );
        return warnings;
    }
}
