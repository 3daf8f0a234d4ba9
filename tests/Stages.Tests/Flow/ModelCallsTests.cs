using Pipeline.Messages;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A model that lacks memory: its calls become smaller, and no sample is guilty of it.</summary>
public sealed class ModelCallsTests
{
    private static readonly FlowOptions Options = new(MicroBatch: 8, Workers: 1, Lanes: 1, Prefetch: 1);

    [Fact]
    public async Task A_call_without_memory_is_halved_until_it_has_it_and_later_calls_are_cut_to_that_size()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Fault = WithRoomFor(3) };
        await using var graph = await site.StartAsync(stage, Options);

        await site.PublishAsync(0, Words);
        var first = await site.NextAsync<BatchReady>();
        await site.PublishAsync(1, Words);
        var second = await site.NextAsync<BatchReady>();

        (first.Quarantined, second.Quarantined, site.Meter.Failed).Should().Be((0, 0, 0));
        (await site.TextsAsync(0)).Should().Equal("A", "B", "C", "D", "E", "F", "G", "H");
        stage.Calls.Select(call => call.Length).Should().Equal(8, 4, 2, 2, 2, 2, 2, 2, 2, 2);
        stage.Limits.Should().Equal((4, 1), (2, 2));
        site.Meter.CallsWithoutMemory.Should().Be(2);
        site.Notices.Should()
            .Equal(
                "shout lacked memory: a model call holds 2 items from now on, not 8. Set a smaller call size, so that none is tried in vain."
            );
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(4, 4)]
    [InlineData(1, 1)]
    public async Task The_size_of_the_calls_is_in_the_footer_and_the_shard_is_valid(int room, int expected)
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Fault = WithRoomFor(room) }, Options);

        var message = await site.PublishAsync(0, Words);
        await site.NextAsync<BatchReady>();
        await site.PublishAsync(message);

        (await site.NextAsync<BatchReady>()).Reused.Should().BeTrue();
        (await site.FooterAsync(0)).CallSize.Should().Be(expected);
    }

    [Fact]
    public async Task Guilty_samples_are_found_among_calls_that_lack_memory()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Fault = WithRoomFor(2), Refused = word => word is "b" or "g" };
        await using var graph = await site.StartAsync(stage, Options);

        await site.PublishAsync(0, Words);

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(2);
        (await site.TextsAsync(0)).Should().Equal("A", "C", "D", "E", "F", "H");
        site.Quarantine(0).Select(row => row.Kind).Should().AllBe("ArithmeticException");
    }

    [Fact]
    public async Task One_item_that_lacks_memory_alone_is_not_guilty_and_its_batch_is_tried_again_and_then_fails()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(
            new Shout { Fault = words => words.Contains("b") ? new OutOfMemoryException() : null },
            Options
        );

        await site.PublishAsync(0, Words);

        (await site.NextAsync<BatchFailed>()).Error.Should().Be("OutOfMemoryException");
        site.Quarantine(0).Should().BeEmpty();
    }

    private static string[] Words => ["a", "b", "c", "d", "e", "f", "g", "h"];

    private static Func<IReadOnlyList<string>, Exception?> WithRoomFor(int items) =>
        words => words.Count > items ? new OutOfMemoryException($"{words.Count} items") : null;
}
