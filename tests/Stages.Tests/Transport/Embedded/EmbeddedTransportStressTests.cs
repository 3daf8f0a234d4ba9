using System.Collections.Concurrent;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Transport.Embedded;

/// <summary>Publishers, consumers and disposals at once; every message is accounted for at the end.</summary>
public sealed class EmbeddedTransportStressTests
{
    private const int Publishers = 3;
    private const int EachPublishes = 2_000;
    private const int Consumers = 3;
    private const int Messages = Publishers * EachPublishes;

    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(2, 1 << 20)]
    [InlineData(3, 64)]
    [InlineData(4, 64)]
    [InlineData(5, 7 * Consumers)]
    public async Task Nothing_is_lost_and_nothing_comes_twice_unless_given_back(int seed, int capacity)
    {
        await using var transport = new EmbeddedTransport(capacity);
        await transport.DeclareExchangeAsync("exchange", CancellationToken.None);
        await transport.DeclareQueueAsync("queue", "failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync("exchange", "queue", "#", CancellationToken.None);
        var account = new StressAccount(Messages);

        var publishing = Enumerable.Range(0, Publishers).Select(publisher => Task.Run(() => PublishAsync(transport, publisher)));
        var consuming = Enumerable
            .Range(0, Consumers)
            .Select(consumer => Task.Run(() => ConsumeAsync(transport, "queue", account, new Random(100 * seed + consumer))));
        var replaying = Task.Run(() => ConsumeAsync(transport, "failed", account, new Random(100 * seed + 99)));
        await Task.WhenAll([.. publishing, .. consuming, replaying]).WaitAsync(TimeSpan.FromSeconds(60));

        account.Wrongs().Should().BeEmpty();
        (await transport.DepthAsync("queue", CancellationToken.None)).Should().Be(new QueueDepth(0, 0));
        (await transport.DepthAsync("failed", CancellationToken.None)).Should().Be(new QueueDepth(0, 0));
    }

    private static async Task PublishAsync(EmbeddedTransport transport, int publisher)
    {
        for (var index = 0; index < EachPublishes; index++)
        {
            await transport.PublishAsync("exchange", "key", Deliveries.Message(publisher * EachPublishes + index), CancellationToken.None);
        }
    }

    /// <summary>Consumes with one short-lived consumer after the other until every message is acknowledged.</summary>
    private static async Task ConsumeAsync(EmbeddedTransport transport, string queue, StressAccount account, Random random)
    {
        while (!account.Complete.IsCompleted)
        {
            var late = new ConcurrentBag<Task>();
            var left = random.Next(1, 400);
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var consumer = await transport.ConsumeAsync(
                queue,
                random.Next(1, 8),
                async delivery =>
                {
                    account.Came(delivery);
                    left--;
                    var lot = random.Next(50);
                    if (left == 0 || lot == 0)
                    {
                        enough.TrySetResult();
                    }

                    await SettleAsync(delivery, account, lot, late);
                },
                CancellationToken.None
            );
            await Task.WhenAny(enough.Task, account.Complete);
            await consumer.DisposeAsync();
            await Task.WhenAll(late);
        }
    }

    private static async Task SettleAsync(IDelivery delivery, StressAccount account, int lot, ConcurrentBag<Task> late)
    {
        switch (lot)
        {
            case 0: // left to the disposal
                account.ComesBack(delivery);
                break;
            case < 5:
                account.ComesBack(delivery);
                await delivery.GiveBackAsync();
                break;
            case < 7:
                account.Fails(delivery);
                await delivery.FailAsync("by lot");
                break;
            case 7:
                account.Fails(delivery);
                throw new InvalidDataException("by lot");
            case < 15:
                late.Add(Task.Run(() => AcknowledgeLateAsync(delivery, account)));
                break;
            default:
                await delivery.AcknowledgeAsync();
                account.Done(delivery);
                break;
        }
    }

    /// <summary>Races with the disposal of the consumer: one of the two has the delivery.</summary>
    private static async Task AcknowledgeLateAsync(IDelivery delivery, StressAccount account)
    {
        await Task.Yield();
        try
        {
            await delivery.AcknowledgeAsync();
            account.Done(delivery);
        }
        catch (InvalidOperationException)
        {
            account.ComesBack(delivery);
        }
    }
}
