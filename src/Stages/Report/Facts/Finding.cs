using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Facts;

/// <summary>What kind of news a finding is.</summary>
public enum Tone
{
    /// <summary>Better, beyond noise.</summary>
    Gain,

    /// <summary>Worse, beyond noise.</summary>
    Loss,

    /// <summary>Nothing that is beyond noise, or nothing that can be judged.</summary>
    Open,
}

/// <summary>What the run shows, in one sentence.</summary>
/// <param name="Tone">What kind of news it is.</param>
/// <param name="Sentence">For a person.</param>
public sealed record Finding(Tone Tone, string Sentence)
{
    /// <summary>What the kept edits gained on the main test split.</summary>
    public static Finding Of(RunReport report)
    {
        if (report.Metrics.Count == 0)
            return new Finding(Tone.Open, "No classifier was trained, so what the edits are worth was not measured.");
        if (TrainingScores.MainSplit(report.Metrics) is not { } split)
            return new Finding(Tone.Open, "There is no test split, so what the edits are worth was not measured.");
        var scores = TrainingScores.Of(report.Metrics).Where(group => group.Split == split).ToList();
        var without = scores.Find(group => group.Training == ScoreRow.Original)?.Over(row => row.Accuracy);
        var with = scores.Find(group => group.Training == ScoreRow.OriginalAndKept)?.Over(row => row.Accuracy);
        if (without is null || with is null)
            return new Finding(
                Tone.Open,
                "No classifier was trained both with and without the edits, so what they are worth was not measured."
            );
        var difference = Difference.Between(without, with);
        var ends = $"from {Figures.Share(without.Mean)} to {Figures.Share(with.Mean)} ({Figures.Points(difference)})";
        return difference.Noise switch
        {
            Noise.Beyond when difference.Value > 0 => new Finding(
                Tone.Gain,
                $"The edits raised accuracy on {split} {ends}: beyond the noise of {Seeds(without, with)}."
            ),
            Noise.Beyond => new Finding(
                Tone.Loss,
                $"The edits lowered accuracy on {split} {ends}: beyond the noise of {Seeds(without, with)}."
            ),
            Noise.Within => new Finding(
                Tone.Open,
                $"With the edits, accuracy on {split} went {ends}: no more than the noise of {Seeds(without, with)}."
            ),
            _ => new Finding(
                Tone.Open,
                $"With the edits, accuracy on {split} went {ends}; {Silence(without, with)}, so it cannot be told from noise."
            ),
        };
    }

    private static string Seeds(SeedSummary one, SeedSummary two) =>
        one.Count == two.Count ? $"{one.Count} seeds" : $"{one.Count} and {two.Count} seeds";

    private static string Silence(SeedSummary one, SeedSummary two) =>
        Math.Min(one.Count, two.Count) == 1 ? "there is one seed only" : "no seed differs from another";
}
