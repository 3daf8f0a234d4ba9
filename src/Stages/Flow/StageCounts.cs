namespace Pipeline.Stages.Flow;

/// <summary>What a <see cref="StageMeter"/> has counted so far.</summary>
public readonly record struct StageCounts(
    int Batches,
    int Reused,
    int Failed,
    int PutAside,
    long Items,
    long Quarantined,
    long Calls,
    long Slots,
    long Filled,
    long LackedMemory,
    long BusyTicks
);
