namespace Pipeline.Stages.Flow;

/// <summary>Counts what a stage does, for people; nothing in a shard comes from here.</summary>
public sealed class StageMeter
{
    private int batches;
    private int reused;
    private int failed;
    private long items;
    private long quarantined;
    private long calls;
    private long slots;
    private long filled;
    private long lackedMemory;
    private int putAside;
    private long busyTicks;

    /// <summary>Batches with a shard, reused ones among them.</summary>
    public int Batches => Volatile.Read(ref batches);

    /// <summary>Batches whose valid shard was found.</summary>
    public int Reused => Volatile.Read(ref reused);

    /// <summary>Batches that failed.</summary>
    public int Failed => Volatile.Read(ref failed);

    /// <summary>How often batches were put aside, to be tried again later.</summary>
    public int TriedAgain => Volatile.Read(ref putAside);

    /// <summary>Rows written, or found in reused shards.</summary>
    public long Items => Volatile.Read(ref items);

    /// <summary>Samples and variants set aside.</summary>
    public long Quarantined => Volatile.Read(ref quarantined);

    /// <summary>Model calls.</summary>
    public long Calls => Volatile.Read(ref calls);

    /// <summary>Model calls that lacked memory.</summary>
    public long CallsWithoutMemory => Volatile.Read(ref lackedMemory);

    /// <summary>Share of the places in model calls that held an item, 0 to 1; not a number before the first call.</summary>
    public double Fill => Volatile.Read(ref slots) is > 0 and var all ? (double)Volatile.Read(ref filled) / all : double.NaN;

    /// <summary>Time spent in the stage's own code, summed over threads.</summary>
    public TimeSpan Busy => TimeSpan.FromTicks(Volatile.Read(ref busyTicks));

    /// <summary>All counts, as a process tells another one.</summary>
    public StageCounts Counts =>
        new(
            Batches,
            Reused,
            Failed,
            TriedAgain,
            Items,
            Quarantined,
            Calls,
            Volatile.Read(ref slots),
            Volatile.Read(ref filled),
            CallsWithoutMemory,
            Volatile.Read(ref busyTicks)
        );

    /// <summary>Adds what another process has counted since it was asked last.</summary>
    public void Add(StageCounts now, StageCounts before)
    {
        Interlocked.Add(ref batches, now.Batches - before.Batches);
        Interlocked.Add(ref reused, now.Reused - before.Reused);
        Interlocked.Add(ref failed, now.Failed - before.Failed);
        Interlocked.Add(ref putAside, now.PutAside - before.PutAside);
        Interlocked.Add(ref items, now.Items - before.Items);
        Interlocked.Add(ref quarantined, now.Quarantined - before.Quarantined);
        Interlocked.Add(ref calls, now.Calls - before.Calls);
        Interlocked.Add(ref slots, now.Slots - before.Slots);
        Interlocked.Add(ref filled, now.Filled - before.Filled);
        Interlocked.Add(ref lackedMemory, now.LackedMemory - before.LackedMemory);
        Interlocked.Add(ref busyTicks, now.BusyTicks - before.BusyTicks);
    }

    /// <summary>A batch has its shard.</summary>
    public void Finished(int rows, int setAside, bool wasThere)
    {
        Interlocked.Increment(ref batches);
        Interlocked.Add(ref items, rows);
        Interlocked.Add(ref quarantined, setAside);
        if (wasThere)
        {
            Interlocked.Increment(ref reused);
        }
    }

    /// <summary>A batch has failed.</summary>
    public void Broke() => Interlocked.Increment(ref failed);

    /// <summary>A batch was put aside.</summary>
    public void PutAside() => Interlocked.Increment(ref putAside);

    /// <summary>A model call was made.</summary>
    public void Called(int count, int size)
    {
        Interlocked.Increment(ref calls);
        Interlocked.Add(ref filled, count);
        Interlocked.Add(ref slots, size);
    }

    /// <summary>A model call lacked memory.</summary>
    public void LackedMemory() => Interlocked.Increment(ref lackedMemory);

    /// <summary>The stage's code ran for a while.</summary>
    public void Worked(TimeSpan time) => Interlocked.Add(ref busyTicks, time.Ticks);
}
