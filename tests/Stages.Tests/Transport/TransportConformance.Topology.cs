using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Exchange_declared_again_keeps_its_bindings()
    {
        await using var transport = await BoundAsync();

        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);

        await PublishAsync(transport, "one");
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Queue_declared_again_keeps_its_messages()
    {
        await using var transport = await BoundAsync();
        await PublishAsync(transport, "one");

        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Declaring_a_queue_declares_its_failed_queue()
    {
        await using var transport = await CreateAsync();

        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);

        (await transport.DepthAsync(Failed, CancellationToken.None)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Declaring_a_queue_keeps_the_messages_of_a_failed_queue_that_is_there()
    {
        await using var transport = await BoundAsync();
        await transport.BindAsync(Exchange, Failed, "#", CancellationToken.None);
        await PublishAsync(transport, "one");

        await AnotherQueueAsync(transport, "another");

        await using var deliveries = await Deliveries.OfAsync(transport, Failed);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Binding_holds_for_messages_published_from_then_on()
    {
        await using var transport = await CreateAsync();
        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);
        await PublishAsync(transport, "before");

        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);

        await PublishAsync(transport, "after");
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("after");
    }

    [Theory]
    [InlineData("1.edit", "1.edit", true)]
    [InlineData("1.edit", "1.filter", false)]
    [InlineData("1.edit", "1.edit.more", false)]
    [InlineData("*.edit", "2.edit", true)]
    [InlineData("*.edit", "edit", false)]
    [InlineData("*.edit", "1.2.edit", false)]
    [InlineData("event.#", "event", true)]
    [InlineData("event.#", "event.ArtifactReady.domains", true)]
    [InlineData("event.#", "events", false)]
    [InlineData("#.domains", "event.ArtifactReady.domains", true)]
    [InlineData("#.domains", "event.ArtifactReady", false)]
    [InlineData("#", "any.key.at.all", true)]
    [InlineData("a.#.b.*", "a.x.b.y.b.z", true)]
    [InlineData("a.#.b.*", "a.x.b.y.b", false)]
    public async Task Queue_takes_the_messages_whose_key_matches(string pattern, string key, bool matches)
    {
        await using var transport = await BoundAsync(pattern);
        await transport.BindAsync(Exchange, Queue, "last", CancellationToken.None);

        await transport.PublishAsync(Exchange, key, Deliveries.Message("first"), CancellationToken.None);
        await transport.PublishAsync(Exchange, "last", Deliveries.Message("last"), CancellationToken.None);

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be(matches ? "first" : "last");
    }

    [Fact]
    public async Task Message_comes_once_however_many_patterns_match()
    {
        await using var transport = await BoundAsync("#");
        await transport.BindAsync(Exchange, Queue, "*", CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "key", CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "key", CancellationToken.None);

        await PublishAsync(transport, "one", "two");

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Texts(await deliveries.NextAsync(2)).Should().Equal("one", "two");
        (await Deliveries.DepthAsync(transport, Queue, 0, 2)).Should().Be(new QueueDepth(0, 2));
    }

    [Fact]
    public async Task Binding_what_is_not_declared_is_an_error()
    {
        await using var transport = await BoundAsync();

        var noExchange = () => transport.BindAsync($"{prefix}.none", Queue, "#", CancellationToken.None);
        var noQueue = () => transport.BindAsync(Exchange, $"{prefix}.none", "#", CancellationToken.None);

        await noExchange.Should().ThrowAsync<InvalidOperationException>();
        await noQueue.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Unbound_queue_keeps_its_messages_and_takes_no_more()
    {
        await using var transport = await BoundAsync("key");
        await transport.BindAsync(Exchange, Queue, "last", CancellationToken.None);
        await PublishAsync(transport, "before");

        await transport.UnbindAsync(Exchange, Queue, "key", CancellationToken.None);

        await PublishAsync(transport, "after");
        await transport.PublishAsync(Exchange, "last", Deliveries.Message("last"), CancellationToken.None);
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Texts(await deliveries.NextAsync(2)).Should().Equal("before", "last");
    }

    [Fact]
    public async Task Unbinding_what_is_not_bound_is_no_error()
    {
        await using var transport = await BoundAsync("key");

        await transport.UnbindAsync(Exchange, Queue, "other", CancellationToken.None);

        await PublishAsync(transport, "one");
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Deleted_queue_is_gone_with_its_messages_and_bindings()
    {
        await using var transport = await BoundAsync();
        await PublishAsync(transport, "before");

        await transport.DeleteQueueAsync(Queue, CancellationToken.None);

        await PublishAsync(transport, "between");
        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);
        await PublishAsync(transport, "unbound");
        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);
        await PublishAsync(transport, "after");
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("after");
    }

    [Fact]
    public async Task Consumer_of_a_deleted_queue_gets_no_more()
    {
        await using var transport = await BoundAsync();
        await using var first = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "one", "two");
        var held = await first.NextAsync();

        await transport.DeleteQueueAsync(Queue, CancellationToken.None);

        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);
        await PublishAsync(transport, "three");
        await using var second = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(held).Should().Be("one");
        Deliveries.Text(await second.NextAsync()).Should().Be("three");
        first.Waiting.Should().Be(0);
    }

    [Fact]
    public async Task Deleting_a_queue_that_is_not_there_is_no_error()
    {
        await using var transport = await CreateAsync();

        var deleting = () => transport.DeleteQueueAsync($"{prefix}.none", CancellationToken.None);

        await deleting.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Deleted_exchange_is_gone_with_its_bindings()
    {
        await using var transport = await BoundAsync();

        await transport.DeleteExchangeAsync(Exchange, CancellationToken.None);

        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await PublishAsync(transport, "unbound");
        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);
        await PublishAsync(transport, "bound");
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("bound");
    }

    [Fact]
    public async Task Deleting_an_exchange_leaves_the_messages_that_its_queues_hold()
    {
        await using var transport = await BoundAsync();
        await PublishAsync(transport, "one");

        await transport.DeleteExchangeAsync(Exchange, CancellationToken.None);

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Deleting_an_exchange_that_is_not_there_is_no_error()
    {
        await using var transport = await CreateAsync();

        var deleting = () => transport.DeleteExchangeAsync($"{prefix}.none", CancellationToken.None);

        await deleting.Should().NotThrowAsync();
    }
}
