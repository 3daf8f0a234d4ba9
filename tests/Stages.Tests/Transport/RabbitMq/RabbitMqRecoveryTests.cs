using System.Collections.Concurrent;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.RabbitMq;
using Pipeline.Tests.Broker;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

/// <summary>What holds when connections are lost, the broker dies, forgets everything or takes nothing; each test does harm to a broker of its own.</summary>
[Trait("Kind", "Broker")]
public sealed class RabbitMqRecoveryTests : IAsyncLifetime
{
    private const string Exchange = "run.r";
    private const string Queue = "run.r.edit";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string?> notices = new();
    private BrokerServer? started;
    private RabbitMqTransport? connected;

    private BrokerServer Broker => started!;

    private RabbitMqTransport Transport => connected!;

    public async ValueTask InitializeAsync()
    {
        started = await BrokerServer.StartAsync(SharedBroker.Installed());
        connected = await BrokerAt.ConnectAsync(Broker, notices.Enqueue);
        await DeclareAsync();
        await SettleDownAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        await Broker.DisposeAsync();
    }

    [Theory]
    [InlineData("connections")]
    [InlineData("kill")]
    [InlineData("restart")]
    public async Task What_was_unsettled_comes_again_and_settling_the_lost_delivery_does_nothing(string harm)
    {
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue);
        await PublishAsync("one");
        var lost = await deliveries.NextAsync();

        await HarmAsync(harm);

        var again = await deliveries.NextAsync();
        Deliveries.Text(again).Should().Be("one");
        again.Redelivered.Should().BeTrue();
        lost.Lost.IsCancellationRequested.Should().BeTrue();
        again.Lost.IsCancellationRequested.Should().BeFalse();
        await lost.AcknowledgeAsync();
        await again.AcknowledgeAsync();
        (await Deliveries.DepthAsync(Transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Theory]
    [InlineData("connections")]
    [InlineData("kill")]
    [InlineData("restart")]
    public async Task Every_message_published_meanwhile_arrives(string harm)
    {
        const int messages = 2000;
        var came = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await Transport.ConsumeAsync(
            Queue,
            50,
            delivery =>
            {
                came[Deliveries.Text(delivery)] = true;
                if (came.Count == messages)
                {
                    all.TrySetResult();
                }

                return delivery.AcknowledgeAsync().AsTask();
            },
            CancellationToken.None
        );

        var publishing = Parallel.ForEachAsync(
            Enumerable.Range(0, messages),
            new ParallelOptions { MaxDegreeOfParallelism = 20 },
            async (number, stop) => await Transport.PublishAsync(Exchange, "key", Deliveries.Message(number), stop)
        );
        await HarmAsync(harm);

        await publishing.WaitAsync(Limit);
        await all.Task.WaitAsync(Limit);
        came.Should().HaveCount(messages);
    }

    [Fact]
    public async Task Broker_that_is_away_is_told_and_waited_for_and_its_return_is_told_too()
    {
        await Broker.KillAsync();

        var publishing = PublishAsync("one");
        await UntilAsync(() => notices.Any(notice => notice?.Contains("cannot be reached", StringComparison.Ordinal) == true));
        await Broker.StartAsync();
        await publishing.WaitAsync(Limit);

        await UntilAsync(() => notices.LastOrDefault() is null);
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Publish_that_waits_for_the_broker_can_be_ended()
    {
        await Broker.KillAsync();
        using var stop = new CancellationTokenSource();
        var publishing = Transport.PublishAsync(Exchange, "key", Deliveries.Message("one"), stop.Token).AsTask();

        await stop.CancelAsync();

        var ending = () => publishing.WaitAsync(Limit);
        await ending.Should().ThrowAsync<OperationCanceledException>();
        await Broker.StartAsync();
    }

    [Fact]
    public async Task Disposal_ends_what_waits_for_the_broker()
    {
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue);
        await Broker.KillAsync();
        var publishing = PublishAsync("one");

        await Transport.DisposeAsync().AsTask().WaitAsync(Limit);

        var ending = () => publishing.WaitAsync(Limit);
        await ending.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task After_the_broker_lost_its_disk_a_consumer_waits_for_its_queue_and_declares_nothing()
    {
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue);
        notices.Clear();

        await Broker.LoseDiskAsync();
        await UntilAsync(() =>
            notices.Any(notice => notice?.StartsWith($"The queue {Queue} cannot be consumed", StringComparison.Ordinal) == true)
        );
        var publishing = () => PublishAsync("lost");
        await publishing.Should().ThrowAsync<InvalidOperationException>();
        var queues = await Broker.Management.QueuesAsync();
        var exchanges = await Broker.Management.ExchangesAsync();
        await DeclareAsync();
        await PublishAsync("one");

        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
        queues.Should().BeEmpty();
        exchanges.Should().BeEmpty();
    }

    [Fact]
    public async Task Blocked_publishers_wait_and_say_so_while_consumers_go_on()
    {
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue, prefetch: 1);
        await PublishAsync("one");
        await PublishAsync("two");

        await Broker.SetMemoryAlarmAsync(on: true);
        var publishing = Task.Run(async () =>
        {
            while (!IsToldThatPublishingWaits())
            {
                await PublishAsync("three");
            }
        });
        await UntilAsync(IsToldThatPublishingWaits);
        await (await deliveries.NextAsync()).AcknowledgeAsync();
        var next = await deliveries.NextAsync();
        var early = publishing.IsCompleted;
        await Broker.SetMemoryAlarmAsync(on: false);
        await publishing.WaitAsync(Limit);

        (Deliveries.Text(next), early).Should().Be(("two", false));
        await UntilAsync(() => notices.LastOrDefault() is null);
    }

    private bool IsToldThatPublishingWaits() =>
        notices.Any(notice => notice?.StartsWith("The broker takes no messages at present", StringComparison.Ordinal) == true);

    [Fact]
    public async Task Deleted_queue_and_exchange_are_not_brought_back()
    {
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue);
        await using var other = await BrokerAt.ConnectAsync(Broker);
        await using var elsewhere = await Deliveries.OfAsync(other, Queue);
        await PublishAsync("one");
        await other.PublishAsync(Exchange, "key", Deliveries.Message("two"), CancellationToken.None);

        await Transport.DeleteQueueAsync(Queue, CancellationToken.None);
        await Transport.DeleteQueueAsync("run.r.failed", CancellationToken.None);
        await Transport.DeleteExchangeAsync(Exchange, CancellationToken.None);
        await Broker.Management.CloseConnectionsAsync();
        var publishing = async () => await other.PublishAsync(Exchange, "key", Deliveries.Message("three"), CancellationToken.None);

        await publishing.Should().ThrowAsync<InvalidOperationException>();
        await publishing.Should().ThrowAsync<InvalidOperationException>();
        (await Broker.Management.QueuesAsync()).Should().BeEmpty();
        (await Broker.Management.ExchangesAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Publishing_goes_on_after_another_publish_named_an_exchange_that_was_deleted_elsewhere()
    {
        await using var other = await BrokerAt.ConnectAsync(Broker);
        await other.DeclareExchangeAsync("run.gone", CancellationToken.None);
        await other.PublishAsync("run.gone", "key", Deliveries.Message("one"), CancellationToken.None);
        await Transport.DeleteExchangeAsync("run.gone", CancellationToken.None);

        var wrong = async () => await other.PublishAsync("run.gone", "key", Deliveries.Message("two"), CancellationToken.None);
        var right = Parallel.ForAsync(
            0,
            50,
            async (number, stop) => await other.PublishAsync(Exchange, "key", Deliveries.Message(number), stop)
        );

        await wrong.Should().ThrowAsync<InvalidOperationException>();
        await right.WaitAsync(Limit);
        (await Transport.DepthAsync(Queue, CancellationToken.None)).Ready.Should().BeGreaterThanOrEqualTo(50);
    }

    private async Task DeclareAsync()
    {
        await Transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await Transport.DeclareQueueAsync(Queue, "run.r.failed", QueueForm.Shared, CancellationToken.None);
        await Transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);
    }

    /// <summary>A quorum queue does not outlive a broker that is killed within half a second of its declaration; here it is as old as the broker's counts.</summary>
    private async Task SettleDownAsync()
    {
        await PublishAsync("first");
        await UntilAsync(async () => (await Broker.Management.QueuesAsync()).Any(queue => queue.Messages == 1));
        await using var deliveries = await Deliveries.OfAsync(Transport, Queue);
        await (await deliveries.NextAsync()).AcknowledgeAsync();
        // An acknowledgement is not confirmed: a broker that is killed now might not have it.
        await UntilAsync(async () => (await Broker.Management.QueuesAsync()).All(queue => queue.Messages == 0));
    }

    private Task PublishAsync(string text) =>
        Transport.PublishAsync(Exchange, "key", Deliveries.Message(text), CancellationToken.None).AsTask();

    private async Task HarmAsync(string harm)
    {
        switch (harm)
        {
            case "kill":
                await Broker.KillAsync();
                await Broker.StartAsync();
                break;
            case "restart":
                await Broker.RestartAsync();
                break;
            default:
                await UntilAsync(async () => await Broker.Management.CloseConnectionsAsync() >= 3);
                break;
        }
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await holds())
        {
            await looks.WaitForNextTickAsync(limit.Token);
        }
    }
}
