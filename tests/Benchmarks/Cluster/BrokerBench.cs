using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Stages.Transport;
using RabbitMQ.Client;

namespace Pipeline.Benchmarks.Cluster;

/// <summary><see cref="BatchReady"/> messages a second from publish with confirm through a quorum queue to acknowledged; beside it RabbitMQ.Client alone, as safe, on the same queue.</summary>
/// <remarks>Both write and read the message's JSON, publish it persistent, hold 256 publishes that wait for their confirm, prefetch 256 and acknowledge each message by itself.</remarks>
internal static class BrokerBench
{
    private const int Messages = 20_000;
    private const int Rounds = 3;
    private const int AtOnce = 256;
    private const int ImagesOfMessage = 64;
    private const string Exchange = "run.bench";
    private const string Queue = "run.bench.edit";
    private const string Key = "1.describe";

    /// <summary>Takes no arguments; the median of three rounds, after one to warm up.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        await using var broker = await BenchBroker.StartAsync();
        await using var transport = await broker.ConnectAsync();
        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await transport.DeclareQueueAsync(Queue, "run.bench.failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "*.describe", CancellationToken.None);

        var rounds = new List<(Figures Ours, Figures Client)>();
        for (var round = 0; round <= Rounds; round++)
        {
            rounds.Add(
                (await MeasureAsync(() => ThroughTransportAsync(transport)), await MeasureAsync(() => ThroughClientAsync(broker.Address)))
            );
        }

        var median = rounds.Skip(1).OrderBy(round => round.Ours.Rate / round.Client.Rate).ElementAt(Rounds / 2);
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    bench = "broker",
                    ratio = Math.Round(median.Ours.Rate / median.Client.Rate, 3),
                    messagesPerSecond = Math.Round(median.Ours.Rate),
                    clientMessagesPerSecond = Math.Round(median.Client.Rate),
                    cpuMicrosecondsAnImage = Math.Round(median.Ours.ProcessorSeconds * 1e6 / Messages / ImagesOfMessage, 2),
                    clientCpuMicrosecondsAnImage = Math.Round(median.Client.ProcessorSeconds * 1e6 / Messages / ImagesOfMessage, 2),
                    messages = Messages,
                    atOnce = AtOnce,
                    broker = broker.Version,
                }
            )
        );
        return 0;
    }

    private static async Task<Figures> MeasureAsync(Func<Task> work)
    {
        using var process = Process.GetCurrentProcess();
        var processor = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await work();
        clock.Stop();
        process.Refresh();
        return new Figures(Messages / clock.Elapsed.TotalSeconds, (process.TotalProcessorTime - processor).TotalSeconds);
    }

    private static async Task ThroughTransportAsync(ITransport transport)
    {
        var done = new Countdown();
        await using var consumer = await transport.ConsumeAsync(
            Queue,
            AtOnce,
            async delivery =>
            {
                delivery.Message.Read<BatchReady>();
                await delivery.AcknowledgeAsync();
                done.Count();
            },
            CancellationToken.None
        );
        await PublishAsync(async batch => await transport.PublishAsync(Exchange, Key, Envelope.Of(Message(batch)), CancellationToken.None));
        await done.Task;
    }

    private static async Task ThroughClientAsync(Uri address)
    {
        var factory = new ConnectionFactory { Uri = address };
        await using var publishing = await factory.CreateConnectionAsync();
        await using var consuming = await factory.CreateConnectionAsync();
        await using var publisher = await publishing.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)
        );
        await using var channel = await consuming.CreateChannelAsync();
        var done = new Countdown();
        await channel.BasicQosAsync(0, AtOnce, global: false);
        await channel.BasicConsumeAsync(Queue, autoAck: false, new ClientConsumer(channel, done));
        await PublishAsync(async batch =>
        {
            var properties = new BasicProperties
            {
                ContentType = "application/json",
                DeliveryMode = DeliveryModes.Persistent,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [Wire.TypeHeader] = nameof(BatchReady) },
            };
            await publisher.BasicPublishAsync(Exchange, Key, mandatory: false, properties, Wire.Write(Message(batch)));
        });
        await done.Task;
    }

    private static Task PublishAsync(Func<int, Task> publish)
    {
        var next = -1;
        return Task.WhenAll(
            Enumerable
                .Range(0, AtOnce)
                .Select(async _ =>
                {
                    for (var batch = Interlocked.Increment(ref next); batch < Messages; batch = Interlocked.Increment(ref next))
                    {
                        await publish(batch);
                    }
                })
        );
    }

    private static BatchReady Message(int batch) =>
        new()
        {
            Run = "bench",
            Version = 1,
            Stage = "describe",
            Batch = batch,
            Shards = [Shard("ingest", batch), Shard("caption", batch), Shard("describe", batch)],
            RowsIn = ImagesOfMessage,
        };

    private static ShardReference Shard(string stage, int batch) =>
        new(
            stage,
            $"{stage}/{batch.ToString("D8", CultureInfo.InvariantCulture)}.parquet",
            "0123456789abcdef0123456789abcdef",
            ImagesOfMessage
        );

    private readonly record struct Figures(double Rate, double ProcessorSeconds);

    /// <summary>Ends when every message was acknowledged.</summary>
    private sealed class Countdown
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int left = Messages;

        internal Task Task => done.Task;

        internal void Count()
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                done.SetResult();
            }
        }
    }

    private sealed class ClientConsumer(IChannel channel, Countdown done) : AsyncDefaultBasicConsumer(channel)
    {
        public override async Task HandleBasicDeliverAsync(
            string consumerTag,
            ulong deliveryTag,
            bool redelivered,
            string exchange,
            string routingKey,
            IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default
        )
        {
            Wire.Read<BatchReady>(body.Span);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
            done.Count();
        }
    }
}
