namespace Pipeline.Stages.Report.Facts;

/// <summary>Reads what trainings leave: <c>report/metrics.json</c>, and a <c>curve.json</c> each.</summary>
internal static class TrainingFiles
{
    private const string Kind = "train";

    /// <summary>The scores; none where the pipeline does not train.</summary>
    /// <exception cref="InvalidDataException">The file is of another form.</exception>
    public static async Task<IReadOnlyList<ScoreRow>> ScoresAsync(ReportSource source, CancellationToken stop) =>
        source.Pipeline.Stages.Any(stage => stage.Kind.Name == Kind)
            ? await JsonFile.ReadAsync<ScoreRow[]>(source.Store, "report/metrics.json", stop) ?? []
            : [];

    /// <summary>The curves of the trainings that have scores and whose files are there, in the order of the scores.</summary>
    /// <exception cref="InvalidDataException">A file is of another form.</exception>
    public static async Task<IReadOnlyList<LearningCurve>> CurvesAsync(
        ReportSource source,
        IEnumerable<ScoreRow> scores,
        CancellationToken stop
    )
    {
        var curves = new List<LearningCurve>();
        var folder = source.Pipeline.Stages.FirstOrDefault(stage => stage.Kind.Name == Kind)?.Name;
        foreach (var (training, seed) in scores.Select(row => (row.Training, row.Seed)).Distinct())
        {
            if (
                await JsonFile.ReadAsync<CurveFile>(source.Store, $"runs/{source.Run}/{folder}/{training}-{seed}/curve.json", stop) is
                { } curve
            )
                curves.Add(new LearningCurve(training, seed, curve.Epochs));
        }

        return curves;
    }

    private sealed record CurveFile(IReadOnlyList<EpochPoint> Epochs);
}
