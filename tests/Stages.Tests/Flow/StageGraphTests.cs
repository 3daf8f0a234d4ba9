using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>How rows flow: micro-batches and order.</summary>
public sealed class StageGraphTests
{
    [Fact]
    public async Task The_last_micro_batch_is_sent_ragged_when_no_row_is_on_its_way()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout();
        await using var graph = await site.StartAsync(stage, new FlowOptions(MicroBatch: 4, Workers: 2, Lanes: 1, Prefetch: 4));

        await site.PublishAsync(0, "a", "b", "c", "d", "e");

        await site.NextAsync<BatchReady>();
        stage.Calls.Select(call => call.Length).Should().BeEquivalentTo([4, 1]);
        (site.Meter.Calls, site.Meter.Fill).Should().Be((2, 5 / 8.0));
    }

    [Fact]
    public async Task A_micro_batch_holds_items_of_several_batches()
    {
        await using var site = await FlowSite.OpenAsync();
        using var read = new CountdownEvent(6);
        var stage = new Shout
        {
            Items = items =>
            {
                read.Signal();
                return read.Wait(Deliveries.Limit) ? items : [];
            },
        };
        await site.PublishAsync(0, "a", "b", "c");
        await site.PublishAsync(1, "d", "e", "f");

        await using var graph = await site.StartAsync(stage, new FlowOptions(MicroBatch: 4, Workers: 6, Lanes: 1, Prefetch: 2));

        await site.ReadyAsync(2);
        stage.Calls.Select(call => call.Length).Should().BeEquivalentTo([4, 2]);
        (await site.TextsAsync(0)).Should().Equal("A", "B", "C");
        (await site.TextsAsync(1)).Should().Equal("D", "E", "F");
    }

    [Fact]
    public async Task A_batch_without_rows_has_a_shard_without_rows()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout();
        await using var graph = await site.StartAsync(stage);

        await site.PublishAsync(0);

        var ready = await site.NextAsync<BatchReady>();
        (ready.RowsIn, ready.Quarantined, ready.Shards[^1].Rows).Should().Be((0, 0, 0));
        (await site.RowsAsync(0)).Should().BeEmpty();
        stage.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_batch_of_rows_without_items_has_a_shard_without_rows()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout();
        await using var graph = await site.StartAsync(stage);

        await site.PublishAsync(0, "", "", "");

        var ready = await site.NextAsync<BatchReady>();
        (ready.RowsIn, ready.Quarantined, ready.Shards[^1].Rows).Should().Be((3, 0, 0));
        stage.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Results_of_a_row_with_several_items_stand_together_in_the_order_of_rows_and_items()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout(), new FlowOptions(MicroBatch: 2, Workers: 4, Lanes: 3, Prefetch: 4));

        await site.PublishAsync(0, "a+b+c", "", "d", "e+f+g+h+i", "j");

        await site.NextAsync<BatchReady>();
        (await site.TextsAsync(0)).Should().Equal("A", "B", "C", "D", "E", "F", "G", "H", "I", "J");
        (await site.RowsAsync(0)).Select(row => row.SampleId).Distinct().Should().Equal("0-0", "0-2", "0-3", "0-4");
    }

    [Fact]
    public async Task Outcomes_do_not_depend_on_batch_micro_batch_workers_or_lanes()
    {
        var random = new Random(11);
        // No batch is all guilty: every fifth row may be.
        var words = Enumerable.Range(0, 60).Select(row => Word(random, row)).ToArray();
        var expected = await OutcomeAsync(words, 60, new FlowOptions(1, 1, 1, 1));

        for (var round = 0; round < 12; round++)
        {
            var batch = random.Next(2, 20);
            var options = new FlowOptions(random.Next(1, 70), random.Next(1, 5), random.Next(1, 4), random.Next(1, 5));

            var outcome = await OutcomeAsync(words, batch, options);

            outcome.Should().Equal(expected, $"batches of {batch} with {options}");
        }
    }

    [Fact]
    public async Task Every_batch_of_many_is_settled_once_whatever_becomes_of_it()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Refused = word => word == "x", Unpreparable = word => word == "?" };
        await using var graph = await site.StartAsync(stage, new FlowOptions(MicroBatch: 7, Workers: 3, Lanes: 2, Prefetch: 5));
        string[][] kinds =
        [
            ["a", "b", "c"],
            ["x", "x"],
            ["?", "a"],
            [],
            ["x", "a", "b+c"],
            ["", "x"],
        ];

        for (var batch = 0; batch < 60; batch++)
        {
            await site.PublishAsync(batch, kinds[batch % kinds.Length]);
        }

        for (var batch = 0; batch < 60; batch++)
        {
            await site.NextAsync();
        }

        (await site.DepthAsync(0, 0)).Unsettled.Should().Be(0);
        site.OutcomesWaiting.Should().Be(0);
        for (var batch = 0; batch < 60; batch++)
        {
            (File.Exists(site.Shard(batch)), File.Exists(site.FailedFile(batch)))
                .Should()
                .Be(batch % kinds.Length == 1 ? (false, true) : (true, false), $"batch {batch}");
        }
    }

    [Fact]
    public async Task A_damaged_or_missing_parent_fails_its_batch_alone()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout());
        var damaged = await site.WriteAsync(0, [new WordRow("s", "one")]);
        var path = site.PathOf(damaged.Shards[0].Uri);
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..^20]);
        var missing = await site.WriteAsync(1, [new WordRow("s", "one")]);
        File.Delete(site.PathOf(missing.Shards[0].Uri));

        await site.PublishAsync(damaged);
        var first = await site.NextAsync<BatchFailed>();
        await site.PublishAsync(missing);
        var second = await site.NextAsync<BatchFailed>();
        await site.PublishAsync(2, "two");
        var third = await site.NextAsync<BatchReady>();

        (first.Batch, first.Error, second.Batch, second.Error, third.Batch)
            .Should()
            .Be((0, "ShardDamagedException", 1, "FileNotFoundException", 2));
        site.Failure(0).RowsIn.Should().Be(-1);
    }

    private static string Word(Random random, int row) =>
        (row % 5 == 3 ? random.Next(6) : 5) switch
        {
            0 => $"?{row}",
            1 => $"x{row}",
            2 => $"!{row}",
            3 => "",
            4 => $"a{row}+x{row}+b{row}",
            _ => random.Next(4) == 0 ? $"p{row}+q{row}" : $"w{row}",
        };

    /// <summary>Every written row and every row set aside, as text, in the order of samples.</summary>
    private static async Task<string[]> OutcomeAsync(string[] words, int batchRows, FlowOptions options)
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout
        {
            Unpreparable = word => word.StartsWith('?'),
            Refused = word => word.StartsWith('x'),
            Unfinishable = word => word.StartsWith('!'),
        };
        await using var graph = await site.StartAsync(stage, options);
        var batches = words.Select((word, row) => new WordRow($"{row:D3}", word)).Chunk(batchRows).ToArray();
        for (var batch = 0; batch < batches.Length; batch++)
        {
            await site.PublishAsync(await site.WriteAsync(batch, batches[batch]));
        }

        await site.ReadyAsync(batches.Length);
        var lines = new List<string>();
        for (var batch = 0; batch < batches.Length; batch++)
        {
            lines.AddRange((await site.RowsAsync(batch)).Select(row => $"{row}"));
            lines.AddRange(site.Quarantine(batch).Select(row => $"{row with { Batch = 0 }}"));
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }
}
