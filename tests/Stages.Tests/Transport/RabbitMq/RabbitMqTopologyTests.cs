using Pipeline.Stages.Transport;
using Pipeline.Tests.Broker;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

[Trait("Kind", "Broker")]
public sealed class RabbitMqTopologyTests(SharedBroker brokers)
{
    [Theory]
    [InlineData("4.0")]
    [InlineData("3.10")]
    public async Task Queues_have_the_arguments_that_keep_messages(string version)
    {
        var broker = await brokers.ServerAsync(version);
        await using var transport = await BrokerAt.ConnectAsync(broker);

        foreach (var form in Enum.GetValues<QueueForm>())
        {
            await transport.DeclareQueueAsync($"forms.{form}", "forms.failed", form, CancellationToken.None);
        }

        const string letters =
            "x-dead-letter-exchange= x-dead-letter-routing-key=forms.failed x-dead-letter-strategy=at-least-once x-delivery-limit=100000";
        var back = letters.Replace("forms.failed", "forms.shared", StringComparison.Ordinal);
        (await ArgumentsAsync(broker))
            .Should()
            .Equal(
                ("forms.Shared", $"quorum True {letters} x-overflow=reject-publish x-queue-type=quorum"),
                ("forms.Shared.wait.10", $"quorum True {back} x-message-ttl=10000 x-overflow=reject-publish x-queue-type=quorum"),
                ("forms.Shared.wait.300", $"quorum True {back} x-message-ttl=300000 x-overflow=reject-publish x-queue-type=quorum"),
                ("forms.Shared.wait.60", $"quorum True {back} x-message-ttl=60000 x-overflow=reject-publish x-queue-type=quorum"),
                (
                    "forms.SingleActive",
                    $"quorum True {letters} x-overflow=reject-publish x-queue-type=quorum x-single-active-consumer=true"
                ),
                ("forms.Temporary", "classic True x-expires=300000 x-queue-type=classic"),
                ("forms.failed", "quorum True x-delivery-limit=100000 x-queue-type=quorum")
            );
    }

    [Fact]
    public async Task Queue_of_another_form_is_named_with_what_was_found_and_what_was_wanted()
    {
        await using var transport = await BrokerAt.ConnectAsync(await brokers.ServerAsync());
        await transport.DeclareQueueAsync("mismatch", "mismatch.failed", QueueForm.Shared, CancellationToken.None);

        var otherFailedQueue = () => transport.DeclareQueueAsync("mismatch", "mismatch.other", QueueForm.Shared, CancellationToken.None);
        var temporary = () => transport.DeclareQueueAsync("mismatch", "mismatch.failed", QueueForm.Temporary, CancellationToken.None);

        (await otherFailedQueue.Should().ThrowAsync<InvalidOperationException>()).WithMessage(
            "The queue mismatch is there with another form (*'mismatch.other'*'mismatch.failed'*); it must be * Shared with the failed queue mismatch.other. Delete it first."
        );
        (await temporary.Should().ThrowAsync<InvalidOperationException>()).WithMessage(
            "The queue mismatch is there with another form*Temporary*"
        );
    }

    [Fact]
    public async Task Message_can_be_failed_by_a_transport_that_declared_nothing()
    {
        var broker = await brokers.ServerAsync();
        await using var declaring = await BrokerAt.ConnectAsync(broker);
        await declaring.DeclareExchangeAsync("elsewhere", CancellationToken.None);
        await declaring.DeclareQueueAsync("elsewhere.queue", "elsewhere.failed", QueueForm.Shared, CancellationToken.None);
        await declaring.BindAsync("elsewhere", "elsewhere.queue", "#", CancellationToken.None);
        await using var transport = await BrokerAt.ConnectAsync(broker);
        await transport.PublishAsync("elsewhere", "key", Deliveries.Message("one"), CancellationToken.None);
        await using var deliveries = await Deliveries.OfAsync(transport, "elsewhere.queue");

        await (await deliveries.NextAsync()).FailAsync("because");

        await using var failed = await Deliveries.OfAsync(transport, "elsewhere.failed");
        (await failed.NextAsync()).FailureReason.Should().Be("because");
    }

    [Fact]
    public async Task Message_put_aside_where_it_can_wait_nowhere_is_given_back()
    {
        await using var transport = await BrokerAt.ConnectAsync(await brokers.ServerAsync());
        await transport.DeclareExchangeAsync("older", CancellationToken.None);
        await transport.DeclareQueueAsync("older.queue", "older.failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync("older", "older.queue", "#", CancellationToken.None);
        await transport.DeleteQueueAsync("older.queue.wait.60", CancellationToken.None);
        await transport.PublishAsync("older", "key", Deliveries.Message("one"), CancellationToken.None);
        await using var deliveries = await Deliveries.OfAsync(transport, "older.queue");

        await (await deliveries.NextAsync()).DelayAsync(TimeSpan.FromSeconds(11));

        var again = await deliveries.NextAsync();
        (Deliveries.Text(again), again.Redelivered, again.Attempts).Should().Be(("one", true, 0));
    }

    [Fact]
    public async Task Prefetch_is_at_most_what_the_protocol_can_say()
    {
        await using var transport = await BrokerAt.ConnectAsync(await brokers.ServerAsync());
        await transport.DeclareQueueAsync("wide", "wide.failed", QueueForm.Shared, CancellationToken.None);

        var most = await transport.ConsumeAsync("wide", 65_535, _ => Task.CompletedTask, CancellationToken.None);
        var more = () => transport.ConsumeAsync("wide", 65_536, _ => Task.CompletedTask, CancellationToken.None);

        await more.Should().ThrowAsync<ArgumentOutOfRangeException>();
        await most.DisposeAsync();
    }

    [Fact]
    public void MassTransit_is_below_the_version_that_needs_a_key()
    {
        var version = typeof(MassTransit.IBusControl).Assembly.GetName().Version;

        version!.Major.Should().BeLessThan(9);
    }

    [Fact]
    public async Task Three_connections_are_open_and_none_declares_a_queue_or_an_exchange()
    {
        await using var broker = await BrokerServer.StartAsync(SharedBroker.Installed());
        await using (var transport = await BrokerAt.ConnectAsync(broker))
        {
            var connections = await broker.Management.ConnectionsAsync();
            while (connections.Length < 3)
            {
                connections = await broker.Management.ConnectionsAsync();
            }

            connections.Should().HaveCount(3);
        }

        (await broker.Management.QueuesAsync()).Should().BeEmpty();
        (await broker.Management.ExchangesAsync()).Should().BeEmpty();
    }

    private static async Task<IEnumerable<(string, string)>> ArgumentsAsync(BrokerServer broker) =>
        (await broker.Management.QueuesAsync())
            .Where(queue => queue.Name.StartsWith("forms.", StringComparison.Ordinal))
            .OrderBy(queue => queue.Name, StringComparer.Ordinal)
            .Select(queue =>
                (
                    queue.Name,
                    $"{queue.Type} {queue.Durable} "
                        + string.Join(
                            ' ',
                            queue
                                .Arguments.OrderBy(argument => argument.Key, StringComparer.Ordinal)
                                .Select(argument => $"{argument.Key}={argument.Value.ToString().ToLowerInvariant()}")
                        )
                )
            );
}
