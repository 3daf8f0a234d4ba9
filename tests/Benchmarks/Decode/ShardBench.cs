using System.Diagnostics;
using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Benchmarks.Decode;

/// <summary>
/// What img2dataset is measured by: decode a JPEG of 500 x 375, shorter side to 256, encode at quality 95, write into a shard; against a Pillow
/// loop that writes a tar. On one thread, from files in memory, by processor time. Its published figure for such images is about 84 a second
/// and core (its README, section Benchmark).
/// </summary>
public static class ShardBench
{
    private const int Images = 96;
    private const int Rounds = 11;
    private const int SidePixels = 256;
    private const int Quality = 95;
    private const double PublishedPerCore = 84;

    /// <summary>Prints one JSON line.</summary>
    /// <returns>0, or 2 for an argument that is not known.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length > 0)
        {
            await Console.Error.WriteLineAsync($"shard: the arguments are '{string.Join(' ', arguments)}'; none is wanted.");
            return 2;
        }

        var photographs = Photographs.Make(24, 500, 375);
        var set = new FileSet("500x375", [.. Enumerable.Range(0, Images).Select(index => photographs[index % photographs.Length])]);
        var folder = Directory.CreateTempSubdirectory("shard-bench-").FullName;
        try
        {
            var store = new FolderStore(folder);
            using var pillow = await PillowPeer.StartAsync([set], PillowPeer.ToShard);
            var (ours, theirs) = (new List<Taken>(), new List<Taken>());
            for (var round = -2; round < Rounds; round++)
            {
                var (our, their) = (await OursAsync(store, set), pillow.Run(set));
                if (round >= 0)
                {
                    ours.Add(our);
                    theirs.Add(their);
                }
            }

            var rate = Images / Median(ours);
            var line = new Dictionary<string, object>
            {
                ["bench"] = "shard",
                ["ratio"] = Math.Round(Median(theirs) / Median(ours), 3),
                ["images_per_second_per_core"] = Math.Round(rate, 1),
                ["pillow_images_per_second_per_core"] = Math.Round(Images / Median(theirs), 1),
                ["to_img2dataset_published"] = Math.Round(rate / PublishedPerCore, 2),
                ["pillow_version"] = pillow.Version,
                ["images"] = Images,
                ["rounds"] = Rounds,
            };
            Console.WriteLine(JsonSerializer.Serialize(line));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Taken> OursAsync(FolderStore store, FileSet set)
    {
        var watch = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        var encoded = new byte[set.Files.Length][];
        for (var index = 0; index < encoded.Length; index++)
        {
            encoded[index] = JpegEncoder.Encode(ImageDecoder.DecodeToShortSide(set.Files[index], SidePixels), Quality);
        }

        var table = new ShardTable([
            ShardColumn.Of("sample_id", [.. Enumerable.Range(0, encoded.Length).Select(index => $"{index:x32}")]),
            ShardColumn.Of("image", encoded),
        ]);
        await ShardFile.WriteAsync(
            store,
            "runs/bench/shard/00000000.parquet",
            table,
            new ShardFooter
            {
                Stage = "shard",
                Batch = 0,
                Fingerprint = new string('0', 32),
                Seed = 0,
            }
        );
        return new Taken((Environment.CpuUsage.TotalTime - before).TotalSeconds, watch.Elapsed.TotalSeconds);
    }

    private static double Median(List<Taken> taken) => taken.Select(one => one.CpuSeconds).Order().ElementAt(taken.Count / 2);
}
