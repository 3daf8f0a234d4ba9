namespace Pipeline.Stages.Runs.Plans;

/// <summary>What a stage will come to: estimates, all of them.</summary>
public sealed record StagePlan
{
    /// <summary>Rows that it writes, at the most.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes that it leaves on the disk.</summary>
    public required long Bytes { get; init; }

    /// <summary>Time of one core.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>What the figures rest on, in a few words for a person; empty where they are next to nothing.</summary>
    public string Basis { get; init; } = "";

    /// <summary>The models that it uses.</summary>
    public IReadOnlyList<ModelUse> Models { get; init; } = [];
}

/// <summary>A model that a stage uses.</summary>
/// <param name="Name">The word that the options have for it: a backend or a recipe.</param>
/// <param name="File">Its weights; null for a model that is built in or begins without weights.</param>
/// <param name="Note">What it is when there is no file: <c>built in</c>, <c>fresh weights</c>.</param>
public sealed record ModelUse(string Name, string? File, string Note);
