using System.Globalization;
using Pipeline.Benchmarks.Decode;
using Pipeline.Benchmarks.Flow;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>JPEG files to 224 x 224 px, hashed, the hashes in one shard a batch of 64: through a stage behind a queue, and as a bare loop.</summary>
internal sealed class PixelHashJob : IDisposable
{
    private const string Run = "bench-pixels";
    private const string Stage = "pixels";
    private const int Distinct = 36;

    // Two batches are read and two written while the others decode, so that no core waits.
    private static readonly FlowOptions Flow = new(
        MicroBatch: StageChain.BatchRows,
        Workers: Environment.ProcessorCount,
        Lanes: 1,
        Prefetch: 4
    );

    private readonly string folder = Directory.CreateTempSubdirectory("bench-pixels-").FullName;
    private readonly FileRow[] rows;

    /// <summary>Writes the files: photographs of 500 x 375 px, every third of 1024 x 768 px, 91 kB on average.</summary>
    public PixelHashJob(int files)
    {
        var (small, large) = (Photographs.Make(Distinct * 2 / 3, 500, 375), Photographs.Make(Distinct / 3, 1024, 768));
        Directory.CreateDirectory(Files);
        rows = [.. Enumerable.Range(0, files).Select(Write)];

        FileRow Write(int index)
        {
            var photograph = index % 3 == 2 ? large[index / 3 % large.Length] : small[(index - (index / 3)) % small.Length];
            var name = string.Create(CultureInfo.InvariantCulture, $"{index:D6}.jpg");
            File.WriteAllBytes(Path.Combine(Files, name), photograph);
            return new FileRow(index.ToString("x32", CultureInfo.InvariantCulture), name, photograph.Length);
        }
    }

    /// <summary>Where the files lie.</summary>
    public string Files => Path.Combine(folder, "files");

    /// <summary>Through the stage, its queue and the keeper's: from the first publish to the last batch told of.</summary>
    public async Task<Taken> QueuedAsync(ITransport transport)
    {
        var store = EmptyStore();
        var messages = await StageChain.WriteSourceAsync(store, Run, rows);
        await using var chain = new StageChain(transport, store, Run);
        await chain.ServeAsync(Stage, StageChain.Source, new PixelHashStage(Files), Flow);
        var before = Environment.CpuUsage.TotalTime;
        var clock = await chain.DriveAsync(messages, Stage);
        return new Taken((Environment.CpuUsage.TotalTime - before).TotalSeconds, clock.TotalSeconds);
    }

    /// <summary>The same work and shards by a loop on one thread: seconds of processor time of the whole process.</summary>
    public async Task<double> BareAsync()
    {
        var store = EmptyStore();
        var before = Environment.CpuUsage.TotalTime;
        foreach (var (batch, files) in rows.Chunk(StageChain.BatchRows).Index())
        {
            var hashed = files.Select(row => new PixelHashRow(
                row.SampleId,
                PixelHashStage.Hash(PixelHashStage.Decode(Files, row.Uri, row.Length))
            ));
            var table = ShardRows.ToTable<PixelHashRow>([.. hashed]);
            await ShardFile.WriteAsync(store, ShardNames.Uri(Run, Stage, batch), table, StageChain.Footer(Stage, batch));
        }

        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    /// <summary>Removes the files.</summary>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    private FolderStore EmptyStore()
    {
        var root = Path.Combine(folder, "store");
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        return new FolderStore(root);
    }
}
