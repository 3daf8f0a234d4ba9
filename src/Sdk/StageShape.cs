namespace Pipeline.Sdk;

/// <summary>How a stage's work is cut and how much of it is done at one time. The defaults suit code on the processor that uses one core a call.</summary>
public sealed record StageShape
{
    /// <summary>Items in one call of the model at the most; 1 or more. 16 keeps cores busy and little in memory.</summary>
    public int MicroBatch { get; init; } = 16;

    /// <summary>Rows prepared, and results finished, at one time; 0 for one a core.</summary>
    public int Workers { get; init; }

    /// <summary>Calls of the model at one time; 0 for one a core. 1 for a model that uses all cores, or a device, by itself.</summary>
    public int Lanes { get; init; }
}
