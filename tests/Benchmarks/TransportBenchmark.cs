using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Pipeline.Messages;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Benchmarks;

/// <summary>Messages a second through the embedded transport, published, delivered and acknowledged; beside it the same through a bare bounded channel.</summary>
internal static class TransportBenchmark
{
    private const int Messages = 500_000;
    private const int Rounds = 3;
    private const int Prefetch = 256;

    /// <summary>Takes no arguments; the best of three rounds each, after one to warm up.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var transport = 0d;
        var channel = 0d;
        for (var round = 0; round <= Rounds; round++)
        {
            var transportRate = await RateAsync(ThroughTransportAsync);
            var channelRate = await RateAsync(ThroughChannelAsync);
            if (round > 0)
            {
                transport = Math.Max(transport, transportRate);
                channel = Math.Max(channel, channelRate);
            }
        }

        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    bench = "transport",
                    ratio = Math.Round(transport / channel, 3),
                    messagesPerSecond = Math.Round(transport),
                    channelMessagesPerSecond = Math.Round(channel),
                    messages = Messages,
                    prefetch = Prefetch,
                }
            )
        );
        return 0;
    }

    private static async Task<double> RateAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return Messages / clock.Elapsed.TotalSeconds;
    }

    private static async Task ThroughTransportAsync()
    {
        await using var transport = new EmbeddedTransport();
        await transport.DeclareExchangeAsync("run.r", CancellationToken.None);
        await transport.DeclareQueueAsync("run.r.edit", "run.r.failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync("run.r", "run.r.edit", "*.describe", CancellationToken.None);
        var message = Envelope.Of(new RunClosed { Run = "r" });
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = Messages;
        await using var consumer = await transport.ConsumeAsync(
            "run.r.edit",
            Prefetch,
            async delivery =>
            {
                await delivery.AcknowledgeAsync();
                if (--left == 0)
                {
                    done.SetResult();
                }
            },
            CancellationToken.None
        );
        for (var index = 0; index < Messages; index++)
        {
            await transport.PublishAsync("run.r", "1.describe", message, CancellationToken.None);
        }

        await done.Task;
    }

    private static async Task ThroughChannelAsync()
    {
        var channel = Channel.CreateBounded<Envelope>(EmbeddedTransport.DefaultCapacity);
        var message = Envelope.Of(new RunClosed { Run = "r" });
        var reading = Task.Run(async () =>
        {
            for (var left = Messages; left > 0; left--)
            {
                await channel.Reader.ReadAsync();
            }
        });
        for (var index = 0; index < Messages; index++)
        {
            await channel.Writer.WriteAsync(message);
        }

        await reading;
    }
}
