using Pipeline.Messages;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.RabbitMq;
using Pipeline.Tests.Broker;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

/// <summary>Work that lasts longer than the broker waits for an acknowledgement.</summary>
[Trait("Kind", "Broker")]
[Trait("Form", "Long")]
public sealed class RabbitMqAcknowledgementTests
{
    private const int Parts = 5;
    private const string Exchange = "parts";
    private const string Queue = "parts.queue";
    private static readonly TimeSpan Part = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Five_parts_of_50_s_are_each_delivered_once_where_the_broker_waits_60_s()
    {
        var (broker, transport) = await StartAsync();
        await using var held = broker;
        await using var connected = transport;
        var seen = new List<(int Epoch, bool Again)>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await using var consumer = await transport.ConsumeAsync(
            Queue,
            1,
            async delivery =>
            {
                var epoch = delivery.Message.Read<TrainEpoch>().Epoch;
                seen.Add((epoch, delivery.Redelivered));
                await Task.Delay(Part);
                if (epoch < Parts)
                {
                    await PublishAsync(transport, epoch + 1);
                }

                await delivery.AcknowledgeAsync();
                if (epoch == Parts)
                {
                    done.SetResult();
                }
            },
            CancellationToken.None
        );
        await PublishAsync(transport, 1);
        await done.Task.WaitAsync(Parts * Limit);

        seen.Should().Equal(Enumerable.Range(1, Parts).Select(epoch => (epoch, false)));
        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    /// <summary>The other side: without parts it would have come again.</summary>
    [Fact]
    public async Task Delivery_that_is_held_for_longer_is_lost_and_comes_again()
    {
        var (broker, transport) = await StartAsync();
        await using var held = broker;
        await using var connected = transport;
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, 1);
        var first = await deliveries.NextAsync();
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        first.Lost.Register(lost.SetResult);

        await lost.Task.WaitAsync(3 * Limit);

        var again = await deliveries.NextAsync();
        again.Redelivered.Should().BeTrue();
        await again.AcknowledgeAsync();
    }

    private static async Task<(BrokerServer Broker, RabbitMqTransport Transport)> StartAsync()
    {
        var broker = await BrokerServer.StartAsync(
            SharedBroker.Installed(),
            new Pipeline.Tests.Broker.BrokerOptions { AcknowledgementTimeout = Limit, ChannelTick = TimeSpan.FromSeconds(5) }
        );
        var transport = await BrokerAt.ConnectAsync(broker);
        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await transport.DeclareQueueAsync(Queue, "parts.failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);
        return (broker, transport);
    }

    private static ValueTask PublishAsync(RabbitMqTransport transport, int epoch) =>
        transport.PublishAsync(
            Exchange,
            "event.TrainEpoch.train",
            Envelope.Of(
                new TrainEpoch
                {
                    Run = "r",
                    Stage = "train",
                    Training = "original",
                    Seed = 0,
                    Epoch = epoch,
                }
            ),
            CancellationToken.None
        );
}
