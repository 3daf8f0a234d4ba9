namespace Pipeline.Stages.Flow;

/// <summary>How a stage's graph is cut and bounded; none of it changes what is written, but the call size of models that pad to it.</summary>
/// <param name="MicroBatch">Items in one model call, at the most; 1 or more.</param>
/// <param name="Workers">Rows prepared, and results finished, at one time; 1 or more.</param>
/// <param name="Lanes">Model calls at one time; one a device, for code on the processor one a core.</param>
/// <param name="Prefetch">Batches that the stage holds at one time; 1 or more.</param>
public sealed record FlowOptions(int MicroBatch, int Workers, int Lanes, int Prefetch);
