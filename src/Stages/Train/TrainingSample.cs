namespace Pipeline.Stages.Train;

/// <summary>One labelled image, original or kept edit.</summary>
/// <param name="Id">The sample's id, or the variant's for an edit.</param>
/// <param name="Label">The class, from 0.</param>
/// <param name="Group">The group's value; empty for none.</param>
/// <param name="Split"><c>train</c>, <c>validation</c>, or the name of a test split, which begins with <c>test</c>.</param>
/// <param name="Edited">Whether this is an edit; edits only train, and only <c>original+kept</c>.</param>
/// <param name="Load">Reads the encoded bytes; called from several threads at once.</param>
public sealed record TrainingSample(
    string Id,
    int Label,
    string Group,
    string Split,
    bool Edited,
    Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> Load
)
{
    /// <summary>What decides the bytes besides the id: for an edit, whose id says what is made but not how, its stage's fingerprint; else empty.</summary>
    public string Made { get; init; } = "";
}

/// <summary>An image that could not be decoded and is left out of every training and test.</summary>
/// <param name="Id">The sample's or the variant's id.</param>
/// <param name="Kind">One of <c>RejectionKind</c>'s words.</param>
/// <param name="Message">What was found, and what to do.</param>
public sealed record RejectedSample(string Id, string Kind, string Message);
