using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>Failed batches a second that a replay claims in the store and moves from the failed queue to their stage; beside it the same one by one: claim, publish, confirm, acknowledge each.</summary>
internal static class ReplayBench
{
    private const int Batches = 10_000;
    private const int OneByOne = 1_000;
    private const int Rounds = 3;
    private const string Run = "bench";
    private const string Failed = "to.failed.queue";
    private const string Yaml = "pipeline: bench\nstages:\n  ingest: {}\n  caption: { after: ingest }\n";

    /// <summary>Takes no arguments; the median of three rounds, after one to warm up.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        await using var broker = await BenchBroker.StartAsync();
        await using var transport = await broker.ConnectAsync();
        var pipeline = PipelineFile.Read(Yaml, "bench", RunSession.Catalog, []);
        var rounds = new List<(double Ours, double Single)>();
        for (var round = 0; round <= Rounds; round++)
        {
            rounds.Add(
                (
                    await MeasureAsync(transport, pipeline, Batches, TogetherAsync),
                    await MeasureAsync(transport, pipeline, OneByOne, SinglyAsync)
                )
            );
        }

        var median = rounds.Skip(1).OrderBy(round => round.Ours / round.Single).ElementAt(Rounds / 2);
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    bench = "replay",
                    batches_per_second = Math.Round(median.Ours),
                    ratio = Math.Round(median.Ours / median.Single, 2),
                    oneByOnePerSecond = Math.Round(median.Single),
                    batches = Batches,
                    broker = broker.Version,
                }
            )
        );
        return 0;
    }

    private static async Task<double> MeasureAsync(
        ITransport transport,
        PipelineDefinition pipeline,
        int count,
        Func<ITransport, PipelineDefinition, IShardStore, Task> work
    )
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-replay-");
        try
        {
            var store = new FolderStore(folder.FullName);
            await RunTopology.DeclareAsync(transport, Run, pipeline, CancellationToken.None);
            await FailAsync(transport, store, count);
            var clock = Stopwatch.StartNew();
            await work(transport, pipeline, store);
            clock.Stop();
            var there = await transport.DepthAsync(RoutingKey.Queue(Run, "caption"), CancellationToken.None);
            return there.Ready == count
                ? count / clock.Elapsed.TotalSeconds
                : throw new InvalidOperationException(
                    $"{there.Ready} batches came into the stage's queue; it must be {count}. Nothing was measured."
                );
        }
        finally
        {
            await RunTopology.RemoveAsync(transport, Run, pipeline, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    /// <summary>As hosts leave it: a record for each batch in the store, its message in the failed queue.</summary>
    private static async Task FailAsync(ITransport transport, IShardStore store, int count)
    {
        await transport.BindAsync(RoutingKey.Exchange(Run), RunTopology.Failed(Run), Failed, CancellationToken.None);
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 256 },
            async (batch, stop) =>
            {
                await new FailureRecord("caption", batch, "IOException", "It is so.", null, 64, "") { Given = Message(batch) }.WriteAsync(
                    store,
                    Run,
                    stop
                );
                await transport.PublishAsync(RoutingKey.Exchange(Run), Failed, Envelope.Of(Message(batch)), stop);
            }
        );
    }

    private static async Task TogetherAsync(ITransport transport, PipelineDefinition pipeline, IShardStore store)
    {
        var replay = new Replay(store, Run, TimeProvider.System);
        var chosen = await replay.ChooseAsync(FailureSelection.All, CancellationToken.None);
        var claimed = await replay.ClaimAsync(chosen, new ReplayRequest("bench", false, [], null), _ => { }, CancellationToken.None);
        await new FailedMessages(transport, Run, pipeline).MoveAsync(claimed, _ => { }, CancellationToken.None);
    }

    private static async Task SinglyAsync(ITransport transport, PipelineDefinition pipeline, IShardStore store)
    {
        var claims = new ReplayClaims(store);
        var claim = await claims.WriteAsync(new ReplayClaim("bench", false, []), 0, CancellationToken.None);
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        await using var consumer = await transport.ConsumeAsync(RunTopology.Failed(Run), 1, MoveAsync, CancellationToken.None);
        await moved.Task;

        async Task MoveAsync(IDelivery delivery)
        {
            var batch = delivery.Message.Read<BatchReady>().Batch;
            var record =
                await FailureRecord.ReadAsync(store, FailureRecord.Uri(Run, "caption", batch), CancellationToken.None)
                ?? throw new InvalidOperationException($"Batch {batch} has no record; it must have one.");
            await claims.TryClaimAsync(record, claim, CancellationToken.None);
            await transport.PublishAsync(RoutingKey.Exchange(Run), RoutingKey.Replay("caption"), delivery.Message, CancellationToken.None);
            await delivery.AcknowledgeAsync();
            if (++count == OneByOne)
            {
                moved.TrySetResult();
            }
        }
    }

    private static BatchReady Message(int batch) =>
        new()
        {
            Run = Run,
            Version = 1,
            Stage = "ingest",
            Batch = batch,
            Shards =
            [
                new ShardReference(
                    "ingest",
                    string.Create(CultureInfo.InvariantCulture, $"runs/{Run}/ingest/{batch:D8}.parquet"),
                    "0f8fad5bd9cb469fa16570867728950e",
                    64
                ),
            ],
            RowsIn = 64,
        };
}
