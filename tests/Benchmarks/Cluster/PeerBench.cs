using System.Text.Json;
using Pipeline.Benchmarks.Peers;
using Pipeline.Benchmarks.Shards;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>
/// JPEG files to 224 x 224 px and a hash of each, over durable queues with confirms and late acknowledgement: ours against Celery with Pillow on
/// the same broker, files and cores.
/// </summary>
/// <remarks>Seconds on the clock from the first publish to the last batch or row, in turn, after a round that warms up; medians. Ours writes a Parquet
/// shard a batch; Celery appends the rows to a CSV, which costs less, as Debian has no pyarrow. Both hash by XXH3-128.</remarks>
internal static class PeerBench
{
    private const int Files = 9_216;
    private const int Rounds = 3;
    private const int WarmUpFiles = 256;
    private const double WantedToNaive = 3;
    private const double WantedToDraft = 1.5;

    internal static async Task<int> RunAsync(string[] arguments)
    {
        await using var broker = await BenchBroker.StartAsync();
        using var job = new PixelHashJob(Files);
        await using var transport = await broker.ConnectAsync();
        using var celery = await CeleryPeer.StartAsync(broker.Address, job.Files);
        var (ours, naive, draft) = (new List<double>(), new List<double>(), new List<double>());
        await RoundAsync(WarmUpFiles, [], [], []);
        for (var round = 0; round < Rounds; round++)
        {
            await RoundAsync(Files, ours, naive, draft);
        }

        var seconds = Pair.Median(ours);
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    bench = "peer",
                    ratio_to_naive = Math.Round(Pair.Median(naive) / seconds, 2),
                    wanted_to_naive = WantedToNaive,
                    ratio_to_draft = Math.Round(Pair.Median(draft) / seconds, 2),
                    wanted_to_draft = WantedToDraft,
                    ours_images_per_second = Math.Round(Files / seconds),
                    naive_images_per_second = Math.Round(Files / Pair.Median(naive)),
                    draft_images_per_second = Math.Round(Files / Pair.Median(draft)),
                    files = Files,
                    rounds = Rounds,
                    cores = Environment.ProcessorCount,
                    broker = broker.Version,
                }
            )
        );
        return 0;

        async Task RoundAsync(int files, List<double> our, List<double> their, List<double> theirBest)
        {
            our.Add((await job.QueuedAsync(transport)).WallSeconds);
            their.Add(await celery.RunAsync(CeleryPeer.Naive, files));
            theirBest.Add(await celery.RunAsync(CeleryPeer.Draft, files));
        }
    }
}
