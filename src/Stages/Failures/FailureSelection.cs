namespace Pipeline.Stages.Failures;

/// <summary>Which failed batches are meant: those that pass every part that is given.</summary>
/// <param name="Groups">Ids of groups; empty for all.</param>
/// <param name="Stage">A stage; null for all.</param>
/// <param name="Kind">A type of error; null for all.</param>
/// <param name="Batches">Indices of batches; empty for all.</param>
public sealed record FailureSelection(IReadOnlyCollection<string> Groups, string? Stage, string? Kind, IReadOnlyCollection<int> Batches)
{
    /// <summary>Everything.</summary>
    public static FailureSelection All { get; } = new([], null, null, []);

    /// <summary>Whether a batch is meant.</summary>
    public bool Means(FailedBatch batch) =>
        (Groups.Count == 0 || Groups.Contains(batch.Group))
        && (Stage is null || Stage == batch.Record.Stage)
        && (Kind is null || Kind == batch.Record.Error)
        && (Batches.Count == 0 || Batches.Contains(batch.Record.Batch));
}
