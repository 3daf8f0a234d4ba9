namespace Pipeline.Stages.Train;

/// <summary>The files of one training under the train stage's work folder (<c>runs/{run}/train</c>).</summary>
/// <param name="work">The work folder.</param>
/// <param name="planned">The training.</param>
public sealed class TrainingFolder(string work, PlannedTraining planned)
{
    /// <summary>The training's own folder.</summary>
    public string Root { get; } = Path.Combine(work, planned.Name);

    /// <summary>The state after the last whole epoch.</summary>
    public string Checkpoint => Path.Combine(Root, "checkpoint.safetensors");

    /// <summary>The weights of the best epoch so far.</summary>
    public string Best => Path.Combine(Root, "best.safetensors");

    /// <summary>The learning curve as JSON.</summary>
    public string Curve => Path.Combine(Root, "curve.json");

    /// <summary>The scores of the finished training, in the work folder itself.</summary>
    public string Metrics { get; } = MetricsPath(work, planned);

    /// <summary>Where the scores of one training lie.</summary>
    public static string MetricsPath(string work, PlannedTraining planned) => Path.Combine(work, $"metrics-{planned.Name}.json");

    /// <summary>Deletes what the training left, the checkpoint first.</summary>
    internal void Clear()
    {
        File.Delete(Checkpoint);
        File.Delete(Best);
        File.Delete(Curve);
        File.Delete(Metrics);
    }
}
