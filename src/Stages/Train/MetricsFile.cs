namespace Pipeline.Stages.Train;

/// <summary>Scores of trainings as JSON arrays of <see cref="MetricsRow"/>.</summary>
public static class MetricsFile
{
    /// <summary>The rows of one file.</summary>
    /// <exception cref="InvalidDataException">The file is of another form.</exception>
    public static IReadOnlyList<MetricsRow> Read(string path) => JsonFile.Read<MetricsRow[]>(path);

    /// <summary>Writes rows, sorted by training, split (both ordinal) and seed; whole or not at all.</summary>
    public static void Write(string path, IEnumerable<MetricsRow> rows) =>
        JsonFile.Write(
            path,
            rows.OrderBy(row => row.Training, StringComparer.Ordinal)
                .ThenBy(row => row.Split, StringComparer.Ordinal)
                .ThenBy(row => row.Seed)
                .ToArray()
        );

    /// <summary>Gathers the scores of every planned training into one file.</summary>
    /// <param name="work">The train stage's work folder.</param>
    /// <param name="plan">Every training must be finished.</param>
    /// <param name="path"><c>report/metrics.json</c> of the output.</param>
    /// <returns>All rows.</returns>
    /// <exception cref="FileNotFoundException">A training is not finished.</exception>
    public static IReadOnlyList<MetricsRow> Merge(string work, TrainingPlan plan, string path)
    {
        Write(path, plan.Trainings.SelectMany(planned => Read(TrainingFolder.MetricsPath(work, planned))));
        return Read(path);
    }
}
