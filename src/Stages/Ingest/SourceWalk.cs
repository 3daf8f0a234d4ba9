using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Ingest;

/// <summary>Cuts what a source lists into batches; in a run that is followed, goes on with what arrives.</summary>
/// <remarks>
/// An image that arrives is taken once two looks in a row found it of equal size and time, so that it is whole. What changes or goes away is
/// left to the next run. A class that was not there when the run began cannot join it: its images are set aside, and a later run takes them.
/// </remarks>
internal sealed class SourceWalk(StageSite site, IngestOptions options)
{
    /// <summary>Between two looks at the least; a listing that takes long is made more seldom.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly string arrivalsUri = $"runs/{site.Run.Run}/{site.Definition.Name}/arrivals.json";
    private readonly HashSet<UInt128> seen = [];
    private int left = site.Run.Limit ?? int.MaxValue;

    /// <summary>The batches in their order, each with the source that reads it.</summary>
    public async IAsyncEnumerable<(SourceEntry[] Entries, IngestSource Source)> BatchesAsync(
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        using var source = IngestSource.Open(site.Run.Input, options);
        var arrivals = await Arrivals.ReadAsync(site.Run.Store, arrivalsUri, stop);
        var late = arrivals.Waves.SelectMany(wave => wave).ToDictionary(uri => uri, _ => (SourceEntry?)null, StringComparer.Ordinal);
        await foreach (var entries in ReadAhead.OfAsync(Listed(source, late).Chunk(options.Batch), stop))
            yield return (entries, source);
        foreach (var wave in arrivals.Waves)
        {
            foreach (var entries in wave.Select(uri => late[uri]).OfType<SourceEntry>().Chunk(options.Batch))
                yield return (entries, source);
        }

        if (site.Run.Follow is { } idle)
        {
            await foreach (var batch in FollowAsync(arrivals, idle, stop))
                yield return batch;
        }
    }

    private IEnumerable<SourceEntry> Listed(IngestSource source, Dictionary<string, SourceEntry?> late)
    {
        foreach (var entry in source.Entries().Take(left))
        {
            left--;
            if (site.Run.Follow is not null)
                seen.Add(Key(entry));
            if (late.Count > 0 && late.ContainsKey(entry.Uri))
                late[entry.Uri] = entry;
            else
                yield return entry;
        }
    }

    private async IAsyncEnumerable<(SourceEntry[] Entries, IngestSource Source)> FollowAsync(
        Arrivals arrivals,
        TimeSpan idle,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        var clock = site.Run.Clock;
        var changed = clock.GetTimestamp();
        var (before, fault, pause) = (new Dictionary<UInt128, (long Size, long Ticks)>(), (InputException?)null, Look);
        site.Run.Notice($"Following {site.Run.Input}: the run goes on to its end when nothing new has come for {idle.TotalSeconds:0.#} s.");
        while (left > 0 && clock.GetElapsedTime(changed) < idle)
        {
            await Task.Delay(pause, clock, stop);
            var started = clock.GetTimestamp();
            if (Open(out fault) is not { } source)
                continue; // half-written tables are no fault yet
            using var held = source;
            var (now, wave) = (new Dictionary<UInt128, (long Size, long Ticks)>(), new List<string>());
            foreach (var entry in source.Entries().Where(entry => !seen.Contains(Key(entry))).Take(left))
            {
                var state = (entry.Size, entry.ModifiedTicks);
                now[Key(entry)] = state;
                if (before.TryGetValue(Key(entry), out var last) && last == state)
                    wave.Add(entry.Uri);
            }

            pause = TimeSpan.FromTicks(Math.Max(Look.Ticks, 5 * clock.GetElapsedTime(started).Ticks));
            if (now.Count > 0)
                changed = clock.GetTimestamp();
            before = now;
            if (wave.Count == 0)
                continue;
            await arrivals.AddAsync([.. wave], stop);
            foreach (var entries in Wave(source, [.. wave]).Chunk(options.Batch))
                yield return (entries, source);
        }

        site.Run.Notice(null);
        if (fault is not null)
            throw fault;
    }

    private IEnumerable<SourceEntry> Wave(IngestSource source, HashSet<string> wave)
    {
        foreach (var entry in source.Entries().Where(entry => wave.Contains(entry.Uri)))
        {
            left--;
            seen.Add(Key(entry));
            yield return Labelled(entry);
        }
    }

    /// <summary>With the label of the class in this run.</summary>
    private SourceEntry Labelled(SourceEntry entry)
    {
        for (var label = 0; label < site.Run.ClassNames.Count; label++)
        {
            if (site.Run.ClassNames[label] == entry.LabelName)
                return entry with { Label = label };
        }

        return entry with
        {
            Fault =
                entry.Fault
                ?? new Rejected(
                    SourceFault.NewClass,
                    $"{entry.Uri} is of the class {entry.LabelName}, which was not there when the run began; it must be one of {string.Join(", ", site.Run.ClassNames)}. "
                        + "Run again once the run is finished: then the class is there from the start."
                ),
        };
    }

    private IngestSource? Open(out InputException? fault)
    {
        fault = null;
        try
        {
            return IngestSource.Open(site.Run.Input, options);
        }
        catch (InputException wrong)
        {
            fault = wrong;
            return null;
        }
    }

    private static UInt128 Key(SourceEntry entry) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(entry.Uri));
}
